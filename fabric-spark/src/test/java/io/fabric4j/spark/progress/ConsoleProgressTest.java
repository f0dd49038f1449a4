package io.fabric4j.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.monitoring.EpochProgress.StepTimes;
import io.fabric4j.spark.progress.TrainingHistory.State;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final List<EpochSummary> epochs = new ArrayList<>();
  private long now;

  private TrainingHistory epoch(int loop, long batches, State state) {
    epochs.removeIf(epoch -> epoch.loop() == loop);
    StepTimes times = new StepTimes(20 * SECOND, SECOND, 0, 0, 0, 0);
    epochs.add(
        new EpochSummary(
            0,
            Map.of("loss", 0.51234),
            Map.of(0, new EpochProgress(loop, loop, batches, 200, 64 * batches, times))));
    return new TrainingHistory(
        "run",
        state,
        1,
        0,
        Instant.EPOCH,
        Instant.EPOCH,
        List.copyOf(epochs),
        List.of(),
        0,
        Map.of());
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsALinePerInterval() {
    ConsoleProgress console = ConsoleProgress.lines(out, Duration.ofSeconds(30), () -> now);

    console.onProgress(epoch(0, 10, State.RUNNING));
    now = 31 * SECOND;
    console.onProgress(epoch(0, 50, State.RUNNING));
    now = 32 * SECOND;
    console.onProgress(epoch(0, 60, State.RUNNING));
    now = 62 * SECOND;
    console.onProgress(epoch(0, 100, State.RUNNING));

    assertThat(printed().lines())
        .containsExactly(
            "epoch 0  50/200 batches  160 samples/s  1:00 left  data 5 %  loss 0.5123",
            "epoch 0  100/200 batches  320 samples/s  0:20 left  data 5 %  loss 0.5123");
  }

  @Test
  void drawsABarPerEpoch() {
    ConsoleProgress console = ConsoleProgress.bars(out);

    console.onProgress(epoch(0, 100, State.RUNNING));
    console.onProgress(epoch(0, 150, State.RUNNING));
    epoch(0, 200, State.RUNNING);
    console.onProgress(epoch(1, 10, State.RUNNING));
    console.onProgress(epoch(1, 200, State.SUCCEEDED));

    String first = "epoch 0  200/200 batches  640 samples/s  0:20  data 5 %  loss 0.5123";
    assertThat(printed()).startsWith("\r[==========          ] epoch 0  100/200 batches");
    assertThat(printed().split("\r|\n", -1))
        .contains(
            "[===============     ] epoch 0  150/200 batches  480 samples/s  0:07 left  data"
                + " 5 %  loss 0.5123");
    assertThat(printed()).containsSubsequence("[====================] " + first, "\n", "epoch 1");
    assertThat(printed().lines()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(printed()).matches("(?s).* data 5 %  loss 0.5123 +\n");
  }

  @Test
  void givesWayToOtherLines() {
    ConsoleProgress console = ConsoleProgress.bars(out);
    console.clear();
    assertThat(printed()).isEmpty();

    console.onProgress(epoch(0, 100, State.RUNNING));
    console.clear();

    assertThat(printed()).matches("\r\\[.*\\] epoch 0.*\r +\r");
  }

  @Test
  void saysNothingBeforeThereIsAnEpoch() {
    TrainingHistory empty =
        new TrainingHistory(
            "run",
            State.RUNNING,
            1,
            0,
            Instant.EPOCH,
            Instant.EPOCH,
            List.of(),
            List.of(),
            0,
            Map.of());

    ConsoleProgress.bars(out).onProgress(empty);

    assertThat(printed()).isEmpty();
  }
}
