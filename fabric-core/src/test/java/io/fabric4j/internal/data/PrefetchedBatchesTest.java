package io.fabric4j.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.dataset.Batch;
import io.fabric4j.CapturedLog;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.internal.torch.TorchThread;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefetchedBatchesTest {

  @BeforeAll
  static void load() {
    TorchLibrary.load();
  }

  /** A source whose first batch takes until it is released, whatever interrupts it. */
  private static final class Stubborn implements BatchSource {
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean interrupted = new AtomicBoolean();

    @Override
    public Batch next() {
      started.countDown();
      while (true) {
        try {
          released.await();
          return null;
        } catch (InterruptedException e) {
          interrupted.set(true);
        }
      }
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  private static PrefetchedBatches start(BatchSource source, Duration patience) {
    try (TorchThread loop = TorchThread.enter(1, false)) {
      return new PrefetchedBatches(source, 3, 1, loop, patience).start();
    }
  }

  @Test
  void leavesItsMemoryToADatasetThatDoesNotComeBack() throws InterruptedException {
    Stubborn source = new Stubborn();
    PrefetchedBatches batches = start(source, Duration.ofMillis(100));
    source.started.await();
    assertThat(CapturedLog.of(batches::close))
        .contains(
            "The data loader's thread fabric-prefetch is still reading its dataset 0 s after the"
                + " loop's end, although it was interrupted. Its memory is freed when it comes"
                + " back.");
    assertThat(source.closed.getCount()).isEqualTo(1);
    assertThat(source.interrupted).isTrue();
    source.released.countDown();
    assertThat(source.closed.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void waitsForTheDatasetBeforeItInterrupts() throws InterruptedException {
    Stubborn source = new Stubborn();
    PrefetchedBatches batches = start(source, Duration.ofSeconds(30));
    source.started.await();
    Thread closing = Thread.currentThread();
    Thread releasing =
        new Thread(
            () -> {
              while (closing.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
              }
              source.released.countDown();
            });
    releasing.start();
    batches.close();
    batches.close();
    assertThat(source.interrupted).isFalse();
    assertThat(source.closed.getCount()).isZero();
    releasing.join();
  }
}
