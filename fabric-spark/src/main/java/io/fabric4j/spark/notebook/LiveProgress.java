package io.fabric4j.spark.notebook;

import io.fabric4j.spark.progress.ProgressListener;
import io.fabric4j.spark.progress.TrainingHistory;
import java.time.Duration;

/**
 * Shows a launch in the cell that starts it: a {@link TrainingChart} that is drawn anew while ranks
 * train, at most twice a second. News comes with the heartbeats of executors ({@code
 * spark.executor.heartbeatInterval}, 10 s unless set).
 *
 * <pre>{@code
 * SparkFabric.builder(spark).listener(LiveProgress.here())
 * }</pre>
 *
 * <p>Where a figure cannot be replaced, it appears once, at the end.
 */
public final class LiveProgress implements ProgressListener {
  private static final long INTERVAL_NANOS = Duration.ofMillis(500).toNanos();

  private final CellOutput output;
  private long next = System.nanoTime();

  private LiveProgress(CellOutput output) {
    this.output = output;
  }

  /** Returns a display in the cell that the calling thread runs. */
  public static LiveProgress here() {
    return new LiveProgress(CellOutput.here());
  }

  @Override
  public synchronized void onProgress(TrainingHistory history) {
    boolean running = history.state() == TrainingHistory.State.RUNNING;
    if (running && (!output.isReplaceable() || System.nanoTime() - next < 0)) {
      return;
    }
    next = System.nanoTime() + INTERVAL_NANOS;
    output.show(TrainingChart.of(history));
  }
}
