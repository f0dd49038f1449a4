package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.RunOptions;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import io.fabric4j.spark.internal.data.Input;
import io.fabric4j.spark.internal.data.InputReader;
import io.fabric4j.spark.internal.live.RunJournal;
import io.fabric4j.spark.internal.ui.LiveView;
import io.fabric4j.spark.progress.ConsoleProgress;
import io.fabric4j.spark.progress.ProgressListener;
import io.fabric4j.spark.progress.TrainingHistory.State;
import java.io.IOException;
import java.io.NotSerializableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;

/** One launch on the driver, from the checks to rank 0's result. */
public final class Launch {
  private final SparkContext context;
  private final SparkFabricOptions options;
  private final LaunchPlan plan;
  private final RankReports reports = new RankReports();
  private final Optional<ConsoleProgress> console;
  private final HistoryRecorder history;

  private Launch(
      SparkContext context, SparkFabricOptions options, List<ProgressListener> listeners) {
    this.context = context;
    this.options = options;
    plan = Preflight.check(context, options);
    context.register(reports, "fabric");
    console = console(options);
    history =
        new HistoryRecorder(
            runId(), plan.ranks(), Stream.concat(listeners.stream(), console.stream()).toList());
  }

  /**
   * Runs a function on every rank and returns rank 0's result.
   *
   * @param listeners told how the ranks get on
   * @throws FabricException if the launch is not possible, a rank fails, or it is cancelled
   */
  public static <R> R run(
      SparkContext context,
      SparkFabricOptions options,
      List<Input<?>> inputs,
      RankFunction<R> function,
      List<ProgressListener> listeners) {
    requireSerializable(function);
    return new Launch(context, options, listeners).run(inputs, function);
  }

  private static void requireSerializable(Object function) {
    try {
      ObjectBytes.encode(function);
    } catch (NotSerializableException e) {
      throw new IllegalArgumentException(
          "The function cannot go to the ranks: it uses an object of "
              + e.getMessage()
              + ", which is not serializable. Create that object inside the function, or make its"
              + " class serializable; a lambda that uses a field takes the object of the field"
              + " along.",
          e);
    }
  }

  private <R> R run(List<Input<?>> inputs, RankFunction<R> function) {
    HadoopCheckpointIO checkpointIO = new HadoopCheckpointIO(context.hadoopConfiguration());
    requireWritable(checkpointIO);
    try (LaunchQueue.Turn turn = LaunchQueue.of(context).enter(context, plan);
        JobScope scope = JobScope.open(context)) {
      List<JavaRDD<?>> partitions = new ArrayList<>();
      List<InputReader<?>> readers = new ArrayList<>();
      inputs.forEach(input -> readers.add(reader(input, partitions)));
      RankTask<R> task =
          new RankTask<>(options, readers, function, reports, checkpointIO, maxResultBytes());
      BarrierJob job = BarrierJob.of(context, plan, partitions, task);
      RunObserver observer = observer();
      LaunchMonitor monitor =
          new LaunchMonitor(
              job.ranks().id(),
              reports.id(),
              plan.ranks(),
              new ReportPrinter(this::print),
              history,
              observer);
      context.addSparkListener(monitor);
      Throwable failure = null;
      try {
        return decode(wait(job, scope, monitor).result(), function);
      } catch (RuntimeException | Error e) {
        failure = e;
        throw e;
      } finally {
        context.removeSparkListener(monitor);
        history.end(failure == null ? State.SUCCEEDED : State.FAILED);
        observer.end(failure);
      }
    }
  }

  private <T> InputReader<T> reader(Input<T> input, List<JavaRDD<?>> partitions) {
    JavaRDD<T> rows = input.partitioned().apply(plan.ranks());
    partitions.add(rows);
    return InputReader.of(input, rows, options.data().handleInvalid());
  }

  private RunObserver observer() {
    return RunObserver.unlessItFails(
        () ->
            new ReportFeed(
                new RunJournal(reports.id(), runId(), plan.ranks(), LiveView.open(context))));
  }

  private static Optional<ConsoleProgress> console(SparkFabricOptions options) {
    String kind = options.progress();
    if (kind.equals(SparkFabricOptions.PROGRESS_OFF)) {
      return Optional.empty();
    }
    boolean bars =
        kind.equals(SparkFabricOptions.PROGRESS_BAR)
            || (kind.equals(SparkFabricOptions.PROGRESS_AUTO) && ConsoleProgress.isTerminal());
    return Optional.of(
        bars
            ? ConsoleProgress.bars(System.err)
            : ConsoleProgress.lines(System.err, options.progressInterval()));
  }

  private void print(String line) {
    console.ifPresent(ConsoleProgress::clear);
    System.out.println(line);
  }

  /** Returns the name of the managed run, else one that no other launch has. */
  private String runId() {
    RunOptions run = options.fabric().run();
    return run == null || run.id().isEmpty()
        ? context.applicationId() + "-" + reports.id()
        : run.id();
  }

  /** Fails here rather than after the input has been read. */
  private void requireWritable(HadoopCheckpointIO checkpointIO) {
    RunOptions run = options.fabric().run();
    if (run != null) {
      try {
        checkpointIO.checkWritable(run.folder() + "/checkpoint");
      } catch (IOException e) {
        throw new FabricException("Cannot launch: " + e.getMessage(), e);
      }
    }
  }

  private JobWait wait(BarrierJob job, JobScope scope, LaunchMonitor monitor) {
    return new JobWait(
        job.results().collectAsync(), scope, monitor, options.startTimeout(), reportDelay());
  }

  /** A report comes with a heartbeat; the first one comes up to two intervals after the start. */
  private Duration reportDelay() {
    return Duration.ofMillis(
        2 * context.getConf().getTimeAsMs("spark.executor.heartbeatInterval", "10s"));
  }

  /** Spark counts 0 as no limit; an array has one anyway. */
  private long maxResultBytes() {
    long limit = context.getConf().getSizeAsBytes("spark.driver.maxResultSize", "1g");
    return limit == 0 ? Integer.MAX_VALUE : limit;
  }

  @SuppressWarnings("unchecked") // rank 0 ran a RankFunction<R>
  private static <R> R decode(byte[] result, RankFunction<R> function) {
    ClassLoader contextLoader = Thread.currentThread().getContextClassLoader();
    ClassLoader loader =
        contextLoader == null ? function.getClass().getClassLoader() : contextLoader;
    try {
      return (R) ObjectBytes.decode(result, loader);
    } catch (IOException | ClassNotFoundException e) {
      throw new FabricException(
          "The driver cannot read rank 0's result: "
              + e
              + ". Its classes must be the same on the driver and on the executors.",
          e);
    }
  }
}
