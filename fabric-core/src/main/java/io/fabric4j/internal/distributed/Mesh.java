package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ProcessGroupException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The connections of one rank to all others: frames of collectives, and the news of how peers fare.
 * The first failure that this rank sees or is told of ends the group, here and, because it is
 * passed on before any connection is closed, with the same text everywhere.
 */
final class Mesh implements AutoCloseable {
  private static final long POLL_MILLIS = 20;
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Roster roster;
  private final PeerConnection[] connections;
  private final AtomicReference<Failure> failure = new AtomicReference<>();
  private final MeshLoop loop;
  private final Thread thread;
  private volatile long failedNanos;
  private volatile long entered;
  private final List<Consumer<Failure>> failureListeners = new CopyOnWriteArrayList<>();

  /**
   * Takes over the proved connections to all other ranks.
   *
   * @param chunkBytes the largest payload of a frame, equal on all ranks
   */
  Mesh(Roster roster, Map<Integer, Link> links, int chunkBytes, Duration peerTimeout)
      throws IOException {
    this.roster = roster;
    connections = new PeerConnection[roster.size()];
    links.forEach(
        (peer, link) ->
            connections[peer] =
                new PeerConnection(
                    peer, link, chunkBytes, (from, text) -> fail(Failure.decode(text))));
    loop = new MeshLoop(this, peers(), peerTimeout);
    thread = new Thread(loop, "fabric4j-rank-" + roster.rank() + "-io");
    thread.setDaemon(true);
    thread.start();
  }

  Roster roster() {
    return roster;
  }

  int rank() {
    return roster.rank();
  }

  int size() {
    return roster.size();
  }

  /** Returns why the group has ended, null while it lives. */
  Failure failure() {
    return failure.get();
  }

  /** Ends the group on all ranks unless it has ended. Safe from any thread, never blocks. */
  void fail(Failure reason) {
    if (failure() == null) {
      failedNanos = System.nanoTime();
      failure.compareAndSet(null, reason);
      loop.wakeUp();
      failureListeners.forEach(listener -> listener.accept(failure()));
    }
  }

  /** Adds what to call, from any thread and perhaps twice, once the group has failed. */
  void onFailure(Consumer<Failure> listener) {
    failureListeners.add(listener);
    if (failure() != null) {
      listener.accept(failure());
    }
  }

  /** Ends the group and returns what the caller has to throw. */
  ProcessGroupException fail(PendingCall pending, Failure reason) {
    fail(reason);
    return failure().toException(roster, pending.call());
  }

  /** Notes that this rank has entered a call, for the peers to know. */
  void enter(Call call) {
    entered = call.number();
  }

  /** Returns the number of the call that this rank has entered last. */
  long entered() {
    return entered;
  }

  /**
   * Returns who is to blame when a call's time is over: a rank that is not known to have entered
   * it, since the one that this rank waits for may wait too.
   */
  int late(Call call, int awaited) {
    if (connections[awaited].entered() >= call.number()) {
      for (PeerConnection peer : peers()) {
        if (peer.entered() < call.number()) {
          return peer.peer();
        }
      }
    }
    return awaited;
  }

  /** Returns whether a peer has closed its group in order. What it sent before may be unread. */
  boolean departed(int peer) {
    return connections[peer].departed();
  }

  /** Sends one frame, waiting while the network is slower than this rank. */
  void send(PendingCall pending, int peer, ByteBuffer... payload) {
    PeerConnection connection = connections[peer];
    try {
      connection.writer().data(pending.call(), () -> checkWhileSending(pending, peer), payload);
    } catch (IOException e) {
      throw sendFailure(pending, peer);
    }
  }

  /**
   * Lets a frame that was begun be completed for a moment after a failure: only behind a whole
   * frame can the peer be told of it.
   */
  private void checkWhileSending(PendingCall pending, int peer) {
    if (failure() == null || System.nanoTime() - failedNanos > GRACE_NANOS) {
      pending.check(peer);
    }
  }

  /** A peer that closed its connection may have said why: the I/O thread is about to read it. */
  private ProcessGroupException sendFailure(PendingCall pending, int peer) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < GRACE_NANOS && !departed(peer)) {
      pending.check(peer);
      Threads.sleep(Duration.ofMillis(5));
    }
    return fail(
        pending,
        departed(peer) ? Failure.left(roster, peer, pending.call()) : Failure.closed(roster, peer));
  }

  /** Waits for the next frame of a peer, which has to belong to the same call. */
  Frame receive(PendingCall pending, int peer) {
    while (true) {
      boolean departed = departed(peer);
      Frame frame = poll(peer);
      if (frame != null) {
        return sameCall(pending, peer, frame);
      }
      pending.check(peer);
      if (departed) {
        throw fail(pending, Failure.left(roster, peer, pending.call()));
      }
    }
  }

  private Frame poll(int peer) {
    try {
      return connections[peer].frames().poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private Frame sameCall(PendingCall pending, int peer, Frame frame) {
    if (frame.call().equals(pending.call())) {
      return frame;
    }
    Call theirs = frame.call();
    frame.close();
    throw fail(pending, Failure.mismatch(roster, pending.call(), peer, theirs));
  }

  private List<PeerConnection> peers() {
    List<PeerConnection> peers = new ArrayList<>();
    for (PeerConnection connection : connections) {
      if (connection != null) {
        peers.add(connection);
      }
    }
    return peers;
  }

  /** Says goodbye and releases everything. Waits for no rank, only a moment for the network. */
  @Override
  public void close() {
    loop.close();
    Threads.join(thread, Duration.ofSeconds(3));
    if (!thread.isAlive()) {
      peers().forEach(PeerConnection::release);
    }
  }
}
