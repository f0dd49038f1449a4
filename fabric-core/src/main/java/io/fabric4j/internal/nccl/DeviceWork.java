package io.fabric4j.internal.nccl;

import io.fabric4j.distributed.Work;
import io.fabric4j.internal.distributed.Call;
import java.util.List;

/**
 * Collectives that were started together on the GPU. {@link #waitFor} does not block the host: as
 * in torch, it makes what the default stream is given from now on wait for them.
 */
final class DeviceWork implements Work {
  private final List<Call> calls;
  private final CallChecker checker;
  private final CudaStream stream;
  private CudaEvent end;
  private int users;
  private boolean done;

  DeviceWork(List<Call> calls, CallChecker checker, CudaStream stream) {
    this.calls = calls;
    this.checker = checker;
    this.stream = stream;
  }

  List<Call> calls() {
    return calls;
  }

  Call lastCall() {
    return calls.get(calls.size() - 1);
  }

  synchronized void launched(CudaEvent event) {
    end = event;
  }

  @Override
  public void waitFor() {
    checker.requireAlive(lastCall());
    if (borrowEnd()) {
      try {
        stream.delayDefault(end);
      } finally {
        giveBackEnd(false);
      }
    }
  }

  @Override
  public boolean isDone() {
    return isComplete() || checker.hasFailed();
  }

  /** Returns whether the GPU has done all of it. */
  boolean isComplete() {
    if (!borrowEnd()) {
      return isMarkedDone();
    }
    boolean complete = false;
    try {
      complete = end.isComplete();
    } finally {
      giveBackEnd(complete);
    }
    return complete;
  }

  private synchronized boolean isMarkedDone() {
    return done;
  }

  /**
   * Keeps the event from being used for other work. No lock is held while it is in use: a stream
   * that is full blocks those who give it more.
   *
   * @return false if there is no event, either not yet or no longer
   */
  private synchronized boolean borrowEnd() {
    if (done || end == null) {
      return false;
    }
    users++;
    return true;
  }

  private synchronized void giveBackEnd(boolean complete) {
    users--;
    done |= complete;
    if (done && users == 0) {
      stream.recycle(end);
    }
  }
}
