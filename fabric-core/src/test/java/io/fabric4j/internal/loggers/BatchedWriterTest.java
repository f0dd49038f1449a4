package io.fabric4j.internal.loggers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.internal.loggers.BatchedWriter.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchedWriterTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** Keeps batches; fails or hangs on demand. */
  private static final class Storage implements BatchSink<Integer> {
    final List<Integer> items = new CopyOnWriteArrayList<>();
    final CountDownLatch answers = new CountDownLatch(1);
    volatile boolean hangs;
    volatile int failures;
    volatile int attempts;
    volatile boolean closed;

    @Override
    public void write(List<Integer> batch) throws IOException {
      attempts++;
      if (hangs) {
        try {
          answers.await();
        } catch (InterruptedException e) {
          throw new IOException("interrupted", e);
        }
      }
      if (failures > 0) {
        failures--;
        throw new IOException("503 Slow Down");
      }
      items.addAll(batch);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final Storage storage = new Storage();

  private BatchedWriter<Integer> writer(Duration interval, int capacity) {
    return new BatchedWriter<>(
        "store:/logs",
        storage,
        new Limits(interval, interval, Duration.ofMillis(200), Duration.ofMillis(500), capacity));
  }

  private static String log(Runnable action) {
    PrintStream err = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(err);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void writesInOrderAndClosesTheSink() {
    List<Integer> expected = new ArrayList<>();
    try (BatchedWriter<Integer> writer = writer(Duration.ofMillis(1), 10_000)) {
      for (int i = 0; i < 5000; i++) {
        writer.add(i);
        expected.add(i);
      }
    }
    assertThat(storage.items).isEqualTo(expected);
    assertThat(storage.closed).isTrue();
  }

  @Test
  void waitsForAFlush() {
    BatchedWriter<Integer> writer = writer(LONG, 100);
    writer.add(1);
    writer.flush();
    assertThat(storage.items).containsExactly(1);
    writer.close();
  }

  @Test
  void warnsOnceAndTriesAgainEachInterval() {
    storage.failures = 5;
    String log =
        log(
            () -> {
              BatchedWriter<Integer> writer = writer(Duration.ofMillis(1), 100);
              writer.add(1);
              writer.add(2);
              while (storage.items.isEmpty()) {
                Thread.onSpinWait();
              }
              writer.close();
            });
    assertThat(storage.items).containsExactly(1, 2);
    assertThat(log)
        .containsOnlyOnce(
            "Cannot write what is logged to store:/logs: java.io.IOException: 503 Slow Down."
                + " Training goes on; up to 100 entries are kept and written when that is"
                + " possible.")
        .doesNotContain("did not get to");
  }

  @Test
  void keepsNoMoreThanItMayAndTellsTheLoss() {
    storage.failures = Integer.MAX_VALUE;
    String log =
        log(
            () -> {
              BatchedWriter<Integer> writer = writer(LONG, 10);
              for (int i = 0; i < 1000; i++) {
                writer.add(i);
              }
              writer.close();
            });
    assertThat(log).contains("1000 logged entries did not get to store:/logs.");
    assertThat(storage.attempts).isLessThan(10);
  }

  @Test
  void doesNotWaitForStorageThatHangs() {
    storage.hangs = true;
    String log =
        log(
            () -> {
              BatchedWriter<Integer> writer = writer(LONG, 100);
              long start = System.nanoTime();
              for (int i = 0; i < 50; i++) {
                writer.add(i);
                writer.flush(); // only the first one waits
              }
              writer.close();
              assertThat(Duration.ofNanos(System.nanoTime() - start))
                  .isLessThan(Duration.ofSeconds(8)); // 50 waits would take 10 s
            });
    assertThat(log).contains("50 logged entries did not get to store:/logs.");
  }
}
