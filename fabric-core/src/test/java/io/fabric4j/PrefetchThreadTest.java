package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Record;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The thread that prepares a data loader's batches: what it does when, and its end. */
@Timeout(60)
class PrefetchThreadTest {
  private final Fabric fabric = Fabric.builder().accelerator("cpu").threads(1).build();

  @AfterEach
  void close() {
    Thread.interrupted();
    fabric.close();
  }

  /** Something to do when a row is read. */
  private interface OnRow {
    void read(long row) throws Exception;
  }

  /** Numbered rows that remember which threads read them. */
  private static final class Watched extends NumberedRows {
    private final OnRow onRow;
    private final AtomicInteger reads = new AtomicInteger();
    private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

    Watched(int size, OnRow onRow) {
      super(0, size);
      this.onRow = onRow;
    }

    @Override
    public Record get(NDManager manager, long index) {
      readers.add(Thread.currentThread());
      try {
        onRow.read(index);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new UnsupportedOperationException(e);
      }
      reads.incrementAndGet();
      return super.get(manager, index);
    }

    List<Thread> alive() {
      return readers.stream().filter(Thread::isAlive).toList();
    }
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void preparesTheNextBatchWhileTheLoopWorks() throws Exception {
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch prepared = new CountDownLatch(1);
    Watched rows =
        new Watched(
            2,
            row -> {
              if (row == 1) {
                await(working);
                prepared.countDown();
              }
            });
    for (FabricBatch batch : fabric.setupDataloaders(FabricDataLoader.of(rows).prefetch(1))) {
      assertThat(batch.getSize()).isEqualTo(1);
      working.countDown();
      await(prepared);
    }
    assertThat(rows.readers).hasSize(1).doesNotContain(Thread.currentThread());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void preparesAsManyBatchesAsAskedFor(int ahead) throws InterruptedException {
    Watched rows = new Watched(20, row -> {});
    Iterator<FabricBatch> batches =
        fabric.setupDataloaders(FabricDataLoader.of(rows).prefetch(ahead)).iterator();
    for (int taken = 1; taken < 4; taken++) {
      batches.next();
      Thread reader = rows.readers.iterator().next();
      while (rows.reads.get() < taken + ahead || reader.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      assertThat(rows.reads).hasValue(taken + ahead);
    }
  }

  @Test
  void readsInTheLoopsThreadByDefaultOnACPU() {
    Watched rows = new Watched(3, row -> {});
    NumberedRows.epoch(fabric.setupDataloaders(FabricDataLoader.of(rows)));
    assertThat(rows.readers).containsExactly(Thread.currentThread());
  }

  @Test
  void throwsWhatTheDatasetThrewAtItsBatch() {
    Watched rows =
        new Watched(
            9,
            row -> {
              if (row == 5) {
                throw new ArithmeticException("row " + row);
              }
            });
    Iterator<FabricBatch> batches =
        fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(2).prefetch(8)).iterator();
    assertThat(NumberedRows.numbers(batches.next())).containsExactly(0, 1);
    assertThat(NumberedRows.numbers(batches.next())).containsExactly(2, 3);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(batches::next).isInstanceOf(ArithmeticException.class).hasMessage("row 5");
    }
  }

  @Test
  void throwsErrorsOfTheDataset() {
    Watched rows =
        new Watched(
            2,
            row -> {
              throw new StackOverflowError("deep");
            });
    Iterator<FabricBatch> batches =
        fabric.setupDataloaders(FabricDataLoader.of(rows).prefetch(2)).iterator();
    assertThatThrownBy(batches::next).isInstanceOf(StackOverflowError.class).hasMessage("deep");
  }

  @Test
  void loopsThatAreLeftEarlyLeaveNoThread() {
    Watched rows = new Watched(50, row -> {});
    FabricDataLoader loader = fabric.setupDataloaders(FabricDataLoader.of(rows).prefetch(2));
    for (int epoch = 0; epoch < 10; epoch++) {
      for (FabricBatch batch : loader) {
        if (batch.getProgress() == 3) {
          break;
        }
      }
      assertThat(rows.alive()).hasSizeLessThanOrEqualTo(1);
    }
    assertThat(rows.readers).hasSize(10);
    assertThat(NumberedRows.epoch(loader)).hasSize(50);
    assertThat(rows.alive()).isEmpty();
    assertThat(fabric.manager().getManagedArrays()).isEmpty();
  }

  @Test
  void closingEndsAThreadThatWaitsForTheLoop() {
    Watched rows = new Watched(50, row -> {});
    FabricBatch batch =
        fabric.setupDataloaders(FabricDataLoader.of(rows).prefetch(2)).iterator().next();
    assertThat(rows.alive()).hasSize(1);
    fabric.close();
    assertThat(rows.alive()).isEmpty();
    assertThat(batch.getManager()).isNull();
  }

  @Test
  void endsALoopThatIsInterruptedWhileItWaits() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    Watched rows = new Watched(4, row -> never.await());
    Iterator<FabricBatch> batches =
        fabric.setupDataloaders(FabricDataLoader.of(rows).prefetch(2)).iterator();
    Thread loop = Thread.currentThread();
    Thread killer =
        new Thread(
            () -> {
              while (loop.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              loop.interrupt();
            });
    killer.start();
    assertThatThrownBy(batches::next)
        .isInstanceOf(FabricException.class)
        .hasMessage("Interrupted before batch 1 of 4.")
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(loop.isInterrupted()).isTrue();
    fabric.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(rows.alive()).isEmpty();
    killer.join();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void tellsHowLongTheLoopWaited(int ahead) {
    Watched slow = new Watched(5, row -> Thread.sleep(5));
    FabricDataLoader loader = fabric.setupDataloaders(FabricDataLoader.of(slow).prefetch(ahead));
    assertThat(loader.waitShare()).isZero();
    NumberedRows.epoch(loader);
    assertThat(loader.waitShare()).isGreaterThan(0.3).isLessThanOrEqualTo(1);
  }
}
