package io.fabric4j.internal.nccl;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.internal.distributed.Call;
import io.fabric4j.internal.distributed.CallMirror;
import io.fabric4j.internal.distributed.Threads;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that sees to it that collectives on the GPU end. For each one, in order, it makes sure
 * that all ranks have called the same, then waits for the GPU. If a rank fails, calls something
 * else or is late, if NCCL reports an error, or if the GPU takes longer than the deadline, it
 * aborts the communicator, so that a thread which waits for the GPU returns, and fails the group.
 *
 * <p>It also is the one that frees the communicator, since that may take time.
 */
final class CallChecker implements Runnable {
  private static final Logger LOGGER = LoggerFactory.getLogger(CallChecker.class);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
  private static final long MIN_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final CallMirror mirror;
  private final NcclCommunicator communicator;
  private final WorkQueue queue = new WorkQueue();
  private final Thread thread;
  private long lastWatchNanos = System.nanoTime();
  private volatile long closingNanos;
  private volatile boolean closing;

  CallChecker(CallMirror mirror, NcclCommunicator communicator, String name) {
    this.mirror = mirror;
    this.communicator = communicator;
    thread = new Thread(this, name);
    thread.setDaemon(true);
  }

  void start() {
    mirror.onFailure(queue::wakeUp);
    thread.start();
  }

  /** Takes note of collectives that are about to be started, waiting while too many are pending. */
  void submit(DeviceWork work) {
    requireAlive(work.lastCall());
    queue.put(work, () -> requireAlive(work.lastCall()));
  }

  /** Returns once the collectives are complete. */
  void await(DeviceWork work) {
    queue.await(work, () -> requireAlive(work.lastCall()));
    requireAlive(work.lastCall());
  }

  boolean hasFailed() {
    return mirror.hasFailed();
  }

  /**
   * Throws if the group has failed, or fails it if the calling thread was interrupted.
   *
   * @param call what the thread is about
   */
  void requireAlive(Call call) {
    if (Thread.currentThread().isInterrupted()) {
      mirror.failInterrupted();
    }
    if (mirror.hasFailed()) {
      throw mirror.failure(call);
    }
  }

  /** Ends the group, unless it has ended, with an error of a call and returns what to throw. */
  ProcessGroupException failure(Call call, RuntimeException error) {
    mirror.fail(error);
    return mirror.failure(call);
  }

  @Override
  public void run() {
    try {
      communicator.stream().use();
      for (DeviceWork work; (work = queue.first(this::mayEnd)) != null; ) {
        check(work);
        queue.removeFirst();
      }
    } catch (ProcessGroupException e) {
      LOGGER.debug("The group has failed", e);
    } catch (RuntimeException | Error e) {
      mirror.fail(e);
    } finally {
      end();
    }
  }

  private boolean mayEnd() {
    return closing || mirror.hasFailed();
  }

  private void end() {
    if (mirror.hasFailed()) {
      communicator.abort();
    } else {
      communicator.destroy(CLOSE_PATIENCE);
    }
  }

  private void check(DeviceWork work) {
    for (Call call : work.calls()) {
      mirror.compare(call, this::watch);
    }
    long start = System.nanoTime();
    long pause = MIN_PAUSE_NANOS;
    while (!work.isComplete()) {
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
      requireAlive(work.lastCall());
      watch();
      if (System.nanoTime() - start > mirror.callTimeout().toNanos()) {
        throw new FabricException(
            work.lastCall().describe()
                + " was not complete within "
                + mirror.callTimeout().toMillis()
                + " ms after all ranks had started it: a GPU or the network between GPUs hangs."
                + " Run with the environment variable NCCL_DEBUG=INFO for NCCL's own account.");
      }
    }
  }

  /** Looks, now and then, for what ends any wait of this thread. */
  private void watch() {
    long now = System.nanoTime();
    if (now - lastWatchNanos < MAX_PAUSE_NANOS) {
      return;
    }
    lastWatchNanos = now;
    communicator.check();
    if (closing && now - closingNanos > CLOSE_PATIENCE.toNanos()) {
      throw new FabricException("The group was closed before its last collective was complete.");
    }
  }

  /**
   * Waits a moment for what is pending, then ends the thread and the communicator.
   *
   * @return whether that was possible in time
   */
  boolean close() {
    closingNanos = System.nanoTime();
    closing = true;
    queue.wakeUp();
    Threads.join(thread, CLOSE_PATIENCE.multipliedBy(3));
    return !thread.isAlive();
  }
}
