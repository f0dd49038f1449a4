package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.List$;
import scala.collection.immutable.Seq;

class LaunchMonitorTest {
  /** Of the stage that a monitor follows before it knows a job. */
  private static final int NO_STAGE = -1;

  private final LaunchMonitor monitor =
      new LaunchMonitor(
          1,
          2,
          1,
          new ReportPrinter(line -> {}),
          new HistoryRecorder("run", 1, List.of()),
          RunObserver.NONE);

  private static <T> Seq<T> none() {
    return List$.MODULE$.<T>empty();
  }

  private void ended(int attempt, TaskEndReason reason) {
    TaskInfo task = new TaskInfo(attempt, 0, 0, 0, 0L, "1", "host", TaskLocality.ANY(), false);
    monitor.onTaskEnd(
        new SparkListenerTaskEnd(NO_STAGE, attempt, "ShuffleMapTask", reason, task, null, null));
  }

  @Test
  void theFailureOfARankExplainsMoreThanTheEndOfTheAttemptAfterIt() {
    RankReport report = RankReport.start(0, 0);
    RankFailedException failure =
        RankFailedException.of(new IllegalStateException("no"), "[rank 0/1] on host", report);

    ended(0, new ExceptionFailure(failure, none()));
    ended(1, new TaskKilled("cancelled", none(), none(), none()));

    assertThat(monitor.failure().orElseThrow().message())
        .isEqualTo("[rank 0/1] on host failed: java.lang.IllegalStateException: no");
    assertThat(monitor.fatalFailure()).isPresent();
  }
}
