package io.fabric4j.internal.distributed;

import java.time.Duration;

/** A call that this rank has entered: what every wait inside it has to look at. */
final class PendingCall {
  private final Mesh mesh;
  private final Call call;
  private final Duration timeout;
  private final long deadlineNanos;
  private final Runnable watch;

  PendingCall(Mesh mesh, Call call, Duration timeout) {
    this(mesh, call, timeout, () -> {});
  }

  /**
   * Enters a call.
   *
   * @param watch run again and again while the call waits; its exception ends the call
   */
  PendingCall(Mesh mesh, Call call, Duration timeout, Runnable watch) {
    this.mesh = mesh;
    this.call = call;
    this.timeout = timeout;
    this.watch = watch;
    this.deadlineNanos = System.nanoTime() + timeout.toNanos();
  }

  Call call() {
    return call;
  }

  /**
   * Ends the wait for a peer if it is in vain.
   *
   * @throws io.fabric4j.distributed.ProcessGroupException if the group has failed, this thread was
   *     interrupted, or the deadline has passed
   */
  void check(int awaitedPeer) {
    checkGroup();
    if (deadlineNanos - System.nanoTime() < 0) {
      throw mesh.fail(
          this, Failure.late(mesh.roster(), mesh.late(call, awaitedPeer), call, timeout));
    }
  }

  /** Ends the call if the group has failed or this thread was interrupted. */
  void checkGroup() {
    Failure failure = mesh.failure();
    if (failure != null) {
      throw failure.toException(mesh.roster(), call);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw mesh.fail(this, Failure.interrupted(mesh.roster()));
    }
    watch.run();
  }
}
