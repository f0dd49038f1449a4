package io.fabric4j.spark;

import io.fabric4j.Fabric;
import io.fabric4j.FabricFunction;
import io.fabric4j.FabricOptions;
import io.fabric4j.loggers.LogStorage;
import io.fabric4j.loggers.Logger;
import io.fabric4j.spark.internal.data.Input;
import io.fabric4j.spark.internal.data.Table;
import io.fabric4j.spark.internal.launch.Launch;
import io.fabric4j.spark.internal.launch.RankFunction;
import io.fabric4j.spark.loggers.HadoopLogStorage;
import io.fabric4j.spark.progress.ProgressListener;
import io.fabric4j.spark.progress.TrainingHistory;
import io.fabric4j.strategies.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs training code on Spark's executors, one rank per task, all at once.
 *
 * <pre>{@code
 * double loss =
 *     SparkFabric.builder(spark)
 *         .numWorkers(4)
 *         .input("train", trainRows)
 *         .build()
 *         .launch(
 *             (fabric, shards) -> {
 *               Shard train = shards.get("train");
 *               FabricDataLoader loader =
 *                   fabric.setupDataloaders(
 *                       FabricDataLoader.of(
 *                               train.dataset(List.of("features"), List.of("label")))
 *                           .batchSize(64)
 *                           .shuffle(true));
 *               ...
 *               return lastLoss;
 *             });
 * }</pre>
 *
 * <p>{@code launch} blocks the calling thread on the driver and returns rank 0's result. If an
 * executor is lost, Spark runs all ranks again; code that fails ends the launch with the exception
 * of the rank that failed first. {@code fabric.print} of rank 0 appears on the driver, from another
 * process with the executor's next heartbeat, which also brings {@link #history}. Cancelling
 * Spark's job, or interrupting the calling thread, ends all ranks.
 */
public final class SparkFabric {
  private final SparkSession spark;
  private final SparkFabricOptions options;
  private final List<Input<?>> inputs;
  private final List<ProgressListener> listeners;
  private volatile TrainingHistory history;

  private SparkFabric(Builder builder, SparkFabricOptions options) {
    spark = builder.spark;
    inputs = List.copyOf(builder.inputs);
    listeners = List.copyOf(builder.listeners);
    this.options = options;
  }

  /** Returns a builder whose settings start with the session's configuration. */
  public static Builder builder(SparkSession spark) {
    return new Builder(Objects.requireNonNull(spark, "spark is null"));
  }

  /**
   * Runs a function on a number of ranks, without data; see {@link #launch(FabricFunction)}.
   *
   * @param numWorkers ranks, at most as many as there are task slots
   */
  public static <R> R launch(SparkSession spark, int numWorkers, FabricFunction<R> function) {
    return builder(spark).numWorkers(numWorkers).build().launch(function);
  }

  /**
   * Runs a function on every rank.
   *
   * @return what it returned on rank 0
   * @throws IllegalArgumentException if the function is not serializable
   * @throws IllegalStateException if there are inputs, or the session has been stopped
   * @throws io.fabric4j.FabricException if there are not enough task slots or GPUs, the ranks do
   *     not start in time, one of them fails (the message names it, the cause is its exception), or
   *     the launch is cancelled
   */
  public <R> R launch(FabricFunction<R> function) {
    if (!inputs.isEmpty()) {
      throw new IllegalStateException(
          "The launch has the inputs "
              + inputs.stream().map(Input::name).toList()
              + ", but the function does not take them. Pass a function of (fabric, shards).");
    }
    return run(new WithoutData<>(function));
  }

  /**
   * Runs a function on every rank, with the rank's rows of each input.
   *
   * @return what it returned on rank 0
   * @throws IllegalArgumentException if the function is not serializable
   * @throws IllegalStateException if the session has been stopped
   * @throws io.fabric4j.FabricException as {@link #launch(FabricFunction)}
   */
  public <R> R launch(ShardFunction<R> function) {
    return run(new WithShards<>(function));
  }

  private <R> R run(RankFunction<R> function) {
    List<ProgressListener> all = new ArrayList<>(listeners);
    all.add(0, latest -> history = latest);
    return Launch.run(spark.sparkContext(), options, inputs, function, all);
  }

  /**
   * Returns what is known of the launch that this object began last, running, done or failed: its
   * epochs, the metrics that rank 0 logged, and each rank's speed. Empty before the first launch.
   * Any thread may ask.
   */
  public Optional<TrainingHistory> history() {
    return Optional.ofNullable(history);
  }

  /** Goes to the ranks. */
  private record WithoutData<R>(FabricFunction<R> function) implements RankFunction<R> {
    @Override
    public R run(Fabric fabric, Map<String, Table> tables) throws Exception {
      return function.run(fabric);
    }
  }

  /** Goes to the ranks. */
  private record WithShards<R>(ShardFunction<R> function) implements RankFunction<R> {
    @Override
    public R run(Fabric fabric, Map<String, Table> tables) throws Exception {
      return function.run(fabric, new Shards(tables));
    }
  }

  /** Builds a {@link SparkFabric}. */
  public static final class Builder {
    private final SparkSession spark;
    private final Map<String, String> chosen = new HashMap<>();
    private final List<Input<?>> inputs = new ArrayList<>();
    private final List<ProgressListener> listeners = new ArrayList<>();
    private List<Object> callbacks = List.of();
    private List<Logger> loggers = List.of();
    private Strategy strategy;

    private Builder(SparkSession spark) {
      this.spark = spark;
    }

    /**
     * Sets the number of ranks; otherwise it is the number of task slots when launch is called,
     * which depends on the executors that have registered by then. Where ranks use GPUs, there are
     * no more slots than GPUs.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder numWorkers(int count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "numWorkers is " + count + ", but at least 1 rank is needed.");
      }
      return option(SparkFabricOptions.NUM_WORKERS, Integer.toString(count));
    }

    /**
     * Chooses {@code cpu}, {@code cuda} (or {@code gpu}), or {@code auto}: CUDA if Spark's
     * executors have GPUs, or a rank finds some that its libtorch can use, else the CPU. If
     * executors have GPUs (spark.executor.resource.gpu.amount), each rank gets one of its own,
     * whatever part of one spark.task.resource.gpu.amount gives to other tasks.
     */
    public Builder accelerator(String name) {
      return option(SparkFabricOptions.ACCELERATOR, name);
    }

    /** Chooses a strategy by name; see {@link io.fabric4j.FabricBuilder#strategy(String)}. */
    public Builder strategy(String name) {
      strategy = null;
      return option(SparkFabricOptions.STRATEGY, name);
    }

    /** Chooses a strategy of one's own, which is serialized to the ranks. */
    public Builder strategy(Strategy instance) {
      strategy = Objects.requireNonNull(instance, "instance is null");
      return this;
    }

    /** Sets the objects whose hooks {@code call} runs; each rank gets copies by serialization. */
    public Builder callbacks(Object... objects) {
      callbacks = List.of(objects);
      return this;
    }

    /**
     * Sets where {@code log} writes, on rank 0's executor; serialized to the ranks. Directories may
     * be on any Hadoop file system; without a scheme they belong to {@code fs.defaultFS}.
     */
    public Builder loggers(Logger... instances) {
      LogStorage storage = new HadoopLogStorage(spark.sparkContext().hadoopConfiguration());
      loggers = List.of(instances);
      loggers.forEach(logger -> logger.useStorage(storage));
      return this;
    }

    /** Adds someone who is told on the driver how launches get on. */
    public Builder listener(ProgressListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener is null"));
      return this;
    }

    /** Chooses the numeric types; see {@link io.fabric4j.FabricBuilder#precision}. */
    public Builder precision(String id) {
      return option(SparkFabricOptions.PRECISION, id);
    }

    /** Sets how long the start may stand still; see {@link SparkFabricOptions#START_TIMEOUT}. */
    public Builder startTimeout(Duration timeout) {
      return option(SparkFabricOptions.START_TIMEOUT, timeout.toMillis() + "ms");
    }

    /**
     * Sets where {@link Fabric#resume} leaves the checkpoints of a run, and finds them: after the
     * loss of an executor, and when an application is submitted again with the same id.
     *
     * @param checkpointDir folder of runs, on any Hadoop file system that all executors reach
     * @param runId name of the run's folder
     */
    public Builder run(String checkpointDir, String runId) {
      return option(SparkFabricOptions.CHECKPOINT_DIR, checkpointDir)
          .option(SparkFabricOptions.RUN_ID, runId);
    }

    /** Adds checkpoints every so many steps to those after epochs. */
    public Builder checkpointInterval(int steps) {
      return option(SparkFabricOptions.CHECKPOINT_INTERVAL, Integer.toString(steps));
    }

    /** Sets how much memory rows may take; see {@link SparkFabricOptions#MEMORY_BUDGET}. */
    public Builder memoryBudget(String size) {
      return option(SparkFabricOptions.MEMORY_BUDGET, size);
    }

    /** Sets what becomes of rows with null, NaN or ragged arrays. */
    public Builder handleInvalid(HandleInvalid choice) {
      return option(SparkFabricOptions.HANDLE_INVALID, choice.name().toLowerCase(Locale.ROOT));
    }

    /** Sets any of the settings that {@link SparkFabricOptions} names. */
    public Builder option(String name, String value) {
      chosen.put(name, Objects.requireNonNull(value, name + " is null"));
      return this;
    }

    /**
     * Adds rows for {@code shards.get(name)}. With as many partitions as ranks, each rank gets one
     * partition. Of more partitions each rank reads several, and if a rank has over 5 % more rows
     * than the mean, ranks deal all rows out anew; fewer are repartitioned, which costs a shuffle.
     * A rank's rows are sorted by a hash, so that the same rows come in the same order in every
     * launch. Columns become tensors: float, double, decimal and ML vectors FLOAT32; long INT64;
     * int, short and byte INT32; boolean BOOLEAN; binary UINT8; arrays, also nested ones, the type
     * of their elements; images of Spark's image source UINT8 of shape (height, width, channels).
     *
     * @throws IllegalArgumentException if a column has another type, or the name is taken
     */
    public Builder input(String name, Dataset<Row> rows) {
      return add(Input.of(name, rows));
    }

    /**
     * Adds elements for {@code shards.get(name)}. With as many partitions as ranks, each rank gets
     * one partition as it is; otherwise elements are dealt out to the ranks in turns, in order.
     *
     * @param mapper from an element to columns; runs in the tasks
     * @throws IllegalArgumentException if the name is taken
     */
    public <T> Builder input(String name, JavaRDD<T> rows, RowMapper<? super T> mapper) {
      return add(Input.of(name, rows, mapper));
    }

    /** Adds elements of a Scala RDD; see {@link #input(String, JavaRDD, RowMapper)}. */
    public <T> Builder input(String name, RDD<T> rows, RowMapper<? super T> mapper) {
      return input(name, rows.toJavaRDD(), mapper);
    }

    private Builder add(Input<?> input) {
      if (inputs.stream().anyMatch(other -> other.name().equals(input.name()))) {
        throw new IllegalArgumentException(
            "There are two inputs '" + input.name() + "'. Give each a name of its own.");
      }
      inputs.add(input);
      return this;
    }

    /**
     * Resolves the settings; see {@link SparkFabricOptions} for which value is used.
     *
     * @throws IllegalArgumentException if a setting is unknown or not valid
     */
    public SparkFabric build() {
      SparkFabricOptions options = SparkFabricOptions.of(spark, chosen);
      FabricOptions fabric =
          options.fabric().withPlugins(new FabricOptions.Plugins(callbacks, loggers, null));
      return new SparkFabric(
          this, options.withFabric(strategy == null ? fabric : fabric.withStrategy(strategy)));
    }
  }
}
