package io.fabric4j.spark.internal.launch;

import ai.djl.Device;
import io.fabric4j.RankOutput;
import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.monitoring.EpochProgress.StepTimes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What progress and the live view cost a rank per step: reading the clock around the parts of the
 * step, telling how far the loop is, logging metrics, and a sample each second. Run:
 *
 * <pre>{@code mvn -q -pl fabric-spark -am -Pbench process-test-classes}</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class ProgressBenchmark {
  private static final int CLOCK_READS = 10;
  private static final int EPOCH = 1000;

  private static final RankOutput.State RANK =
      new RankOutput.State() {
        @Override
        public List<Double> learningRates() {
          return List.of(0.1, 0.01);
        }

        @Override
        public double gradientNorm() {
          return 1;
        }

        @Override
        public Device device() {
          return Device.cpu();
        }

        @Override
        public String explain() {
          return "";
        }
      };

  private final RankReports reports = new RankReports();
  private final ReportingOutput output;
  private long step;

  /** Starts the report of rank 0. */
  public ProgressBenchmark() {
    reports.start(0, 0);
    output = new ReportingOutput(reports, 0, 0, "0");
  }

  /** A step that logs nothing. */
  @Benchmark
  public long step() {
    long time = clock();
    long batches = step % EPOCH + 1;
    StepTimes times = new StepTimes(time, 1, 2, 3, 4, 5);
    output.trained(
        new EpochProgress((int) (step / EPOCH), step / EPOCH, batches, EPOCH, step, times), RANK);
    return step++;
  }

  private static long clock() {
    long sum = 0;
    for (int i = 0; i < CLOCK_READS; i++) {
      sum += System.nanoTime();
    }
    return sum;
  }

  /** A step that logs a metric. */
  @Benchmark
  public long stepWithMetric() {
    output.metrics(Map.of("train/loss", 0.5), step);
    return step();
  }

  /** A step that logs five metrics. */
  @Benchmark
  public long stepWithFiveMetrics() {
    output.metrics(Map.of("loss", 0.5, "accuracy", 0.9, "norm", 1.0, "rate", 0.1, "lag", 2.0), step);
    return step();
  }
}
