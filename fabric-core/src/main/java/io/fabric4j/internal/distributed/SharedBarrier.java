package io.fabric4j.internal.distributed;

import io.fabric4j.internal.distributed.ControlPage.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Where ranks wait for each other in shared memory, never longer than the mesh knows them alive.
 */
final class SharedBarrier {
  private static final int SPINS = 500;

  private final Mesh mesh;
  private final ControlPage page;
  private final int spins;

  SharedBarrier(Mesh mesh, ControlPage page) {
    this.mesh = mesh;
    this.page = page;
    // With fewer cores than ranks, spinning keeps the awaited rank from running.
    this.spins = mesh.size() > Runtime.getRuntime().availableProcessors() ? 0 : SPINS;
  }

  /** Enters a call, and returns what every rank says of it once all have entered the same. */
  List<Entry> enter(PendingCall pending, Entry own) {
    page.write(own);
    await(pending);
    List<Entry> entries = new ArrayList<>();
    for (int rank = 0; rank < mesh.size(); rank++) {
      Entry entry = page.read(rank, pending.call().number());
      if (!entry.call().equals(pending.call())) {
        throw mesh.fail(
            pending, Failure.mismatch(mesh.roster(), pending.call(), rank, entry.call()));
      }
      entries.add(entry);
    }
    return entries;
  }

  /** Returns when all ranks have arrived here. */
  void await(PendingCall pending) {
    page.arrive();
    for (int peer : mesh.peersFromNext()) {
      await(pending, peer);
    }
  }

  private void await(PendingCall pending, int peer) {
    Backoff backoff = new Backoff(spins);
    while (true) {
      // Before the look at the page: a rank may arrive, finish and leave in between.
      boolean departed = mesh.departed(peer);
      if (page.hasArrived(peer)) {
        return;
      }
      pending.check(peer);
      if (departed) {
        throw mesh.fail(pending, Failure.left(mesh.roster(), peer, pending.call()));
      }
      backoff.pause();
    }
  }
}
