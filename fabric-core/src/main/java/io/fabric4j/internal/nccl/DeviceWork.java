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
    synchronized (this) {
      if (!done) {
        stream.delayDefault(end);
      }
    }
  }

  @Override
  public boolean isDone() {
    return isComplete() || checker.hasFailed();
  }

  /** Returns whether the GPU has done all of it. */
  synchronized boolean isComplete() {
    if (!done && end != null && end.isComplete()) {
      done = true;
      stream.recycle(end);
    }
    return done;
  }
}
