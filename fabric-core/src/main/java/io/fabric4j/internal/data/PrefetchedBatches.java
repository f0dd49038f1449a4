package io.fabric4j.internal.data;

import ai.djl.training.dataset.Batch;
import io.fabric4j.internal.distributed.Threads;
import io.fabric4j.internal.torch.TorchThread;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches of a source that a thread of their own prepares ahead of the loop, until the last one, a
 * failure, or {@link #close}. Only that thread uses the source meanwhile.
 */
public final class PrefetchedBatches implements BatchSource {
  private static final Logger LOG = LoggerFactory.getLogger(PrefetchedBatches.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final BatchSource source;
  private final long count;
  private final TorchThread loop;
  private final Duration patience;
  private final Semaphore room;
  private final BlockingQueue<Prepared> ready = new LinkedBlockingQueue<>();
  private final AtomicInteger users = new AtomicInteger(2);
  private final Thread thread = new Thread(this::run, "fabric-prefetch");
  private volatile boolean closed;

  /** A batch, or why there is none. */
  private record Prepared(Batch batch, Throwable failure) {}

  PrefetchedBatches(
      BatchSource source, long count, int ahead, TorchThread loop, Duration patience) {
    this.source = source;
    this.count = count;
    this.loop = loop;
    this.patience = patience;
    room = new Semaphore(ahead);
  }

  /**
   * Starts to prepare batches.
   *
   * @param source closed with the result
   * @param count how many batches the source has
   * @param ahead how many batches may be ready before the loop asks for them
   * @param loop settings of the loop's thread, which the thread takes over
   */
  public static PrefetchedBatches start(
      BatchSource source, long count, int ahead, TorchThread loop) {
    return new PrefetchedBatches(source, count, ahead, loop, PATIENCE).start();
  }

  PrefetchedBatches start() {
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  private void run() {
    try (TorchThread settings = loop.enterAlike()) {
      for (long i = 0; i < count && awaitRoom(); i++) {
        ready.add(new Prepared(source.next(), null));
      }
    } catch (Throwable e) {
      ready.add(new Prepared(null, e));
    } finally {
      leave();
    }
  }

  /** Interrupts are for the dataset alone: {@link #close} lets a waiting thread go. */
  private boolean awaitRoom() {
    room.acquireUninterruptibly();
    return !closed;
  }

  @Override
  public Batch next() throws InterruptedException {
    Prepared next = ready.take();
    if (next.failure() == null) {
      room.release();
      return next.batch();
    }
    ready.add(next);
    return PrefetchedBatches.<RuntimeException>raise(next.failure());
  }

  /** Throws what a dataset threw, as its iterator would have done here. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> Batch raise(Throwable failure) throws E {
    throw (E) failure;
  }

  /**
   * Waits for the dataset to finish a batch that it is at. It is interrupted only if that takes
   * long or this thread is being interrupted: an interrupt would close a file that the dataset
   * reads through a channel.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    room.release();
    if (!Thread.currentThread().isInterrupted()) {
      Threads.join(thread, patience);
    }
    thread.interrupt();
    Threads.join(thread, patience);
    if (thread.isAlive()) {
      LOG.warn(
          "The data loader's thread {} is still reading its dataset {} s after the loop's end,"
              + " although it was interrupted. Its memory is freed when it comes back.",
          thread.getName(),
          patience.toSeconds());
    }
    leave();
  }

  /** The source's memory goes with the later of thread and loop. */
  private void leave() {
    if (users.decrementAndGet() == 0) {
      source.close();
    }
  }
}
