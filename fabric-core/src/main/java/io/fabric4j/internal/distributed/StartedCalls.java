package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.Work;
import io.fabric4j.internal.torch.TorchThread;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Collectives that run beside the rank's thread, one after the other on a thread of their own. It
 * begins with the first of them and computes with the settings of the thread that started it.
 */
final class StartedCalls implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Mesh mesh;
  private ExecutorService thread;
  private Future<?> last;

  StartedCalls(Mesh mesh) {
    this.mesh = mesh;
  }

  /** Runs a call after all that were started before. */
  Work start(Runnable call) {
    if (thread == null) {
      thread = createThread();
    }
    Future<?> future = thread.submit(call);
    last = future;
    return new StartedWork(future);
  }

  private ExecutorService createThread() {
    boolean flushDenormals = TorchThread.flushesDenormals();
    return Executors.newSingleThreadExecutor(
        task -> {
          Runnable prepared =
              () -> {
                try (TorchThread settings = TorchThread.enter(1, flushDenormals)) {
                  task.run();
                }
              };
          Thread created = new Thread(prepared, "fabric4j-rank-" + mesh.rank() + "-calls");
          created.setDaemon(true);
          return created;
        });
  }

  /** Returns when no started call runs any more. An error of one has ended the group. */
  void await() {
    if (last != null) {
      await(last);
      last = null;
    }
  }

  /** An interrupt of the rank ends the group, and so the call: it is short then. */
  private ExecutionException await(Future<?> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          future.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true;
          mesh.fail(Failure.interrupted(mesh.roster()));
        } catch (ExecutionException e) {
          return e;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the thread; a call that still runs ends the group, for its peers wait. */
  @Override
  public void close() {
    if (thread == null) {
      return;
    }
    if (last != null && !last.isDone()) {
      mesh.fail(
          Failure.reported(
              mesh.roster(),
              new IllegalStateException("The group was closed while a collective was running.")));
    }
    thread.shutdown();
    try {
      thread.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class StartedWork implements Work {
    private final Future<?> future;

    StartedWork(Future<?> future) {
      this.future = future;
    }

    @Override
    public void waitFor() {
      ExecutionException failure = await(future);
      if (failure == null) {
        return;
      }
      if (failure.getCause() instanceof RuntimeException e) {
        throw e;
      }
      throw (Error) failure.getCause();
    }

    @Override
    public boolean isDone() {
      return future.isDone();
    }
  }
}
