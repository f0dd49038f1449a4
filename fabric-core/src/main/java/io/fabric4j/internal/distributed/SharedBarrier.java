package io.fabric4j.internal.distributed;

import io.fabric4j.internal.distributed.ControlPage.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Where ranks wait for each other in shared memory, never longer than the mesh knows them alive.
 */
final class SharedBarrier {
  private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(2);
  private static final long SEPARATION_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Team team;
  private final Mesh mesh;
  private final ControlPage page;
  private final boolean ownCores;
  private int core;
  private long separatedNanos = System.nanoTime();

  SharedBarrier(Team team, ControlPage page) {
    this.team = team;
    mesh = team.mesh();
    this.page = page;
    ownCores = team.size() <= Runtime.getRuntime().availableProcessors();
  }

  /** Enters a call, and returns what every rank says of it once all have entered the same. */
  List<Entry> enter(PendingCall pending, Entry own) {
    page.write(own);
    await(pending);
    List<Entry> entries = new ArrayList<>();
    for (int member = 0; member < team.size(); member++) {
      Entry entry = page.read(member, pending.call().number());
      if (!entry.call().equals(pending.call())) {
        int rank = team.rank(member);
        throw mesh.fail(
            pending, Failure.mismatch(mesh.roster(), pending.call(), rank, entry.call()));
      }
      entries.add(entry);
    }
    return entries;
  }

  /** Returns when all ranks have arrived here. */
  void await(PendingCall pending) {
    core = Core.current();
    page.arrive(core);
    for (int member : team.othersFromNext()) {
      await(pending, member);
    }
  }

  private void await(PendingCall pending, int member) {
    int peer = team.rank(member);
    // With fewer cores than ranks, spinning keeps the awaited rank from running.
    Backoff backoff = new Backoff(ownCores ? SPIN_NANOS : 0);
    while (true) {
      // Before the look at the page: a rank may arrive, finish and leave in between.
      boolean departed = mesh.departed(peer);
      if (page.hasArrived(member)) {
        return;
      }
      pending.check(peer);
      if (departed) {
        throw mesh.fail(pending, Failure.left(mesh.roster(), peer, pending.call()));
      }
      if (ownCores && page.core(member) == core) {
        separate();
      }
      backoff.pause();
    }
  }

  /**
   * Lets this rank leave the core that it shares with the awaited one. The kernel does not move
   * threads that hand a core to each other all the time, but a thread that wakes up gets an idle
   * core. Now and then only: perhaps there is none.
   */
  private void separate() {
    long now = System.nanoTime();
    if (now - separatedNanos > SEPARATION_NANOS) {
      separatedNanos = now;
      LockSupport.parkNanos(1);
      core = Core.current();
    }
  }
}
