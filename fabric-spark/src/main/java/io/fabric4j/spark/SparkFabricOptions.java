package io.fabric4j.spark;

import io.fabric4j.FabricOptions;
import io.fabric4j.KernelOptions;
import io.fabric4j.RunOptions;
import io.fabric4j.internal.Connector;
import io.fabric4j.precision.MatmulPrecision;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The settings of a launch and their names. A value given to {@link SparkFabric.Builder} is used
 * before one of the session's configuration ({@code spark.conf().set}, {@code --conf}, {@code
 * spark-defaults.conf}), and that before the default. Durations are written as in Spark: {@code
 * 30s}, {@code 10min}.
 *
 * @param numWorkers ranks to start, 0 for one per task slot
 * @param fabric device, strategy, precision and threads of a rank
 * @param startTimeout {@link #START_TIMEOUT}
 * @param executorTimeout {@link #EXECUTOR_TIMEOUT}
 * @param connectTimeout {@link #CONNECT_TIMEOUT}
 * @param callTimeout {@link #CALL_TIMEOUT}
 * @param peerTimeout {@link #PEER_TIMEOUT}
 * @param firstPort lowest port of {@link #PORT_RANGE}
 * @param lastPort highest port of {@link #PORT_RANGE}
 * @param bindAddress {@link #BIND_ADDRESS}
 * @param allowClearText {@link #ALLOW_CLEAR_TEXT}
 * @param progress {@link #PROGRESS}
 * @param progressInterval {@link #PROGRESS_INTERVAL}
 * @param data how inputs are read
 */
public record SparkFabricOptions(
    int numWorkers,
    FabricOptions fabric,
    Duration startTimeout,
    Duration executorTimeout,
    Duration connectTimeout,
    Duration callTimeout,
    Duration peerTimeout,
    int firstPort,
    int lastPort,
    String bindAddress,
    boolean allowClearText,
    String progress,
    Duration progressInterval,
    DataOptions data)
    implements Serializable {

  /** What the names of all settings start with. */
  public static final String PREFIX = "spark.fabric.";

  /**
   * Number of ranks. Default 0: as many as there are task slots, or GPUs if ranks use some, when
   * launch is called.
   */
  public static final String NUM_WORKERS = PREFIX + "num-workers";

  /** Accelerator of a rank, as in {@link io.fabric4j.FabricBuilder#accelerator}. Default auto. */
  public static final String ACCELERATOR = PREFIX + "accelerator";

  /** Strategy, as in {@link io.fabric4j.FabricBuilder#strategy}. Default auto. */
  public static final String STRATEGY = PREFIX + "strategy";

  /** Precision, as in {@link io.fabric4j.FabricBuilder#precision}. Default 32-true. */
  public static final String PRECISION = PREFIX + "precision";

  /** Threads of one native operation of a rank. Default 0: spark.task.cpus. */
  public static final String THREADS = PREFIX + "threads";

  /** Whether denormals are zero, as in {@link io.fabric4j.FabricBuilder#flushDenormals}. */
  public static final String FLUSH_DENORMALS = PREFIX + "flush-denormals";

  /** Products of float32, as in {@link io.fabric4j.FabricBuilder#matmulPrecision}. */
  public static final String MATMUL_PRECISION = PREFIX + "matmul-precision";

  /** Layout of images, as in {@link io.fabric4j.FabricBuilder#channelsLast}. Default false. */
  public static final String CHANNELS_LAST = PREFIX + "channels-last";

  /**
   * How long the start may stand still: until all ranks run, and then until they have read their
   * input and met. A sign of progress starts the time anew. Default 10min.
   */
  public static final String START_TIMEOUT = PREFIX + "start-timeout";

  /** How long launch waits for one more executor to register if slots are missing. Default 10s. */
  public static final String EXECUTOR_TIMEOUT = PREFIX + "executor-timeout";

  /** How long the ranks take at most to connect to each other. Default 60s. */
  public static final String CONNECT_TIMEOUT = PREFIX + "connect-timeout";

  /** How long a collective waits for all ranks to call it. Default 10min. */
  public static final String CALL_TIMEOUT = PREFIX + "call-timeout";

  /** How long another rank may be silent before it counts as dead. Default 60s. */
  public static final String PEER_TIMEOUT = PREFIX + "peer-timeout";

  /** Ports on which ranks listen, such as 40000-40100. Default 0: any free one. */
  public static final String PORT_RANGE = PREFIX + "port-range";

  /**
   * Address or network interface on which ranks listen, such as 0.0.0.0 or eth1, on every host. The
   * others call it there; at 0.0.0.0 they call the executor's host name. Default: that name's
   * address.
   */
  public static final String BIND_ADDRESS = PREFIX + "bind-address";

  /**
   * Whether NCCL may connect GPUs of several hosts in clear text though Spark is told to encrypt
   * ({@code spark.network.crypto.enabled}; ranks encrypt all else then), and whether rows that
   * exceed the memory budget may lie in files in clear text though Spark encrypts its own ({@code
   * spark.io.encryption.enabled}). Default false.
   */
  public static final String ALLOW_CLEAR_TEXT = PREFIX + "allow-clear-text";

  /**
   * How the running epoch is shown on the driver's stderr: {@code bar}, {@code lines}, {@code off},
   * or {@code auto}, a bar on a terminal and lines elsewhere. Default auto.
   */
  public static final String PROGRESS = PREFIX + "progress";

  /** How often a line of {@link #PROGRESS} is printed. Default 30s. */
  public static final String PROGRESS_INTERVAL = PREFIX + "progress-interval";

  /** A value of {@link #PROGRESS}. */
  public static final String PROGRESS_AUTO = "auto";

  /** A value of {@link #PROGRESS}. */
  public static final String PROGRESS_BAR = "bar";

  /** A value of {@link #PROGRESS}. */
  public static final String PROGRESS_LINES = "lines";

  /** A value of {@link #PROGRESS}. */
  public static final String PROGRESS_OFF = "off";

  private static final List<String> PROGRESS_VALUES =
      List.of(PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_LINES, PROGRESS_OFF);

  /** Folder of runs, on any Hadoop file system; see {@link RunOptions}. Default: no checkpoints. */
  public static final String CHECKPOINT_DIR = PREFIX + "checkpoint-dir";

  /**
   * Name of the run, with which an application that is submitted again goes on. Default: one for
   * each launch, so that only Spark's own retries resume it.
   */
  public static final String RUN_ID = PREFIX + "run-id";

  /** Steps between checkpoints within an epoch. Default 0: only after epochs. */
  public static final String CHECKPOINT_INTERVAL = PREFIX + "checkpoint-interval";

  /** Epochs between checkpoints; the last epoch always ends with one. Default 1. */
  public static final String CHECKPOINT_EPOCHS = PREFIX + "checkpoint-epochs";

  /** How many of the newest checkpoints are kept. Default 3. */
  public static final String KEEP_LAST = PREFIX + "keep-last";

  /** How many checkpoints with the best {@link #BEST_METRIC} are kept too. Default 0. */
  public static final String KEEP_BEST = PREFIX + "keep-best";

  /** Name of the metric of {@link #KEEP_BEST}, as passed to FabricRun.metric. */
  public static final String BEST_METRIC = PREFIX + "best-metric";

  /** Whether larger values of {@link #BEST_METRIC} are better: max (default) or min. */
  public static final String BEST_MODE = PREFIX + "best-mode";

  /** What to do if a run cannot go on exactly: warn (default) or require. */
  public static final String EXACT_RESUME = PREFIX + "exact-resume";

  /** How long another application that owns a run must be silent. Default 60s. */
  public static final String OWNER_TIMEOUT = PREFIX + "owner-timeout";

  /**
   * Memory that the rows of all inputs may take on a rank, such as 512m; an input that exceeds it
   * goes to a file in Spark's local folders as a whole. Counts beside the Java heap, so
   * spark.executor.memoryOverhead has to allow for it. Default 1g.
   */
  public static final String MEMORY_BUDGET = PREFIX + "data.memory-budget";

  /**
   * What becomes of invalid rows: error, skip or keep, see {@link HandleInvalid}. Default error.
   */
  public static final String HANDLE_INVALID = PREFIX + "data.handle-invalid";

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry(NUM_WORKERS, "0"),
          Map.entry(ACCELERATOR, "auto"),
          Map.entry(STRATEGY, "auto"),
          Map.entry(PRECISION, "32-true"),
          Map.entry(THREADS, "0"),
          Map.entry(FLUSH_DENORMALS, "false"),
          Map.entry(MATMUL_PRECISION, "highest"),
          Map.entry(CHANNELS_LAST, "false"),
          Map.entry(START_TIMEOUT, "10min"),
          Map.entry(EXECUTOR_TIMEOUT, "10s"),
          Map.entry(CONNECT_TIMEOUT, "60s"),
          Map.entry(CALL_TIMEOUT, "10min"),
          Map.entry(PEER_TIMEOUT, "60s"),
          Map.entry(PORT_RANGE, "0"),
          Map.entry(BIND_ADDRESS, ""),
          Map.entry(ALLOW_CLEAR_TEXT, "false"),
          Map.entry(PROGRESS, PROGRESS_AUTO),
          Map.entry(PROGRESS_INTERVAL, "30s"),
          Map.entry(CHECKPOINT_DIR, ""),
          Map.entry(RUN_ID, ""),
          Map.entry(CHECKPOINT_INTERVAL, "0"),
          Map.entry(CHECKPOINT_EPOCHS, "1"),
          Map.entry(KEEP_LAST, "3"),
          Map.entry(KEEP_BEST, "0"),
          Map.entry(BEST_METRIC, ""),
          Map.entry(BEST_MODE, "max"),
          Map.entry(EXACT_RESUME, "warn"),
          Map.entry(OWNER_TIMEOUT, "60s"),
          Map.entry(MEMORY_BUDGET, "1g"),
          Map.entry(HANDLE_INVALID, "error"));

  /** Rejects values that can never work. */
  public SparkFabricOptions {
    Objects.requireNonNull(fabric, "fabric is null");
    Objects.requireNonNull(bindAddress, "bindAddress is null");
    Objects.requireNonNull(data, "data is null");
  }

  /**
   * Resolves settings.
   *
   * @param values by name; other names than those that start with {@link #PREFIX} are ignored
   * @throws IllegalArgumentException if a name is unknown or a value is not valid
   */
  public static SparkFabricOptions of(Map<String, String> values) {
    for (String name : values.keySet()) {
      if (name.startsWith(PREFIX) && !DEFAULTS.containsKey(name)) {
        throw new IllegalArgumentException(
            "Unknown setting " + name + ". Known are " + new TreeSet<>(DEFAULTS.keySet()) + ".");
      }
    }
    int[] ports = ports(text(values, PORT_RANGE));
    return new SparkFabricOptions(
        number(values, NUM_WORKERS),
        fabric(values).withRun(run(values)),
        duration(values, START_TIMEOUT),
        duration(values, EXECUTOR_TIMEOUT),
        duration(values, CONNECT_TIMEOUT),
        duration(values, CALL_TIMEOUT),
        duration(values, PEER_TIMEOUT),
        ports[0],
        ports[1],
        text(values, BIND_ADDRESS),
        truth(values, ALLOW_CLEAR_TEXT),
        choice(values, PROGRESS, PROGRESS_VALUES),
        duration(values, PROGRESS_INTERVAL),
        new DataOptions(bytes(values, MEMORY_BUDGET), handleInvalid(values)));
  }

  /** Resolves settings of which some were chosen, the others as the session has them. */
  static SparkFabricOptions of(SparkSession spark, Map<String, String> chosen) {
    Map<String, String> values = new HashMap<>(CollectionConverters.asJava(spark.conf().getAll()));
    values.putAll(chosen);
    return of(values);
  }

  private static FabricOptions fabric(Map<String, String> values) {
    return Connector.options(
        text(values, ACCELERATOR),
        text(values, STRATEGY),
        text(values, PRECISION),
        new KernelOptions(
            number(values, THREADS),
            truth(values, FLUSH_DENORMALS),
            MatmulPrecision.of(text(values, MATMUL_PRECISION)),
            truth(values, CHANNELS_LAST)));
  }

  private static RunOptions run(Map<String, String> values) {
    String directory = text(values, CHECKPOINT_DIR);
    String id = text(values, RUN_ID);
    if (directory.isEmpty() && id.isEmpty()) {
      return null;
    }
    if (directory.isEmpty()) {
      throw new IllegalArgumentException(
          RUN_ID + " is '" + id + "', but no checkpoints are written. Set " + CHECKPOINT_DIR + ".");
    }
    RunOptions run = RunOptions.unnamed(directory).named(id);
    return run.everySteps(number(values, CHECKPOINT_INTERVAL))
        .everyEpochs(number(values, CHECKPOINT_EPOCHS))
        .keepLast(number(values, KEEP_LAST))
        .keepBest(number(values, KEEP_BEST), text(values, BEST_METRIC), text(values, BEST_MODE))
        .exactResume(text(values, EXACT_RESUME))
        .ownerTimeout(duration(values, OWNER_TIMEOUT));
  }

  /** Returns these settings with others of a rank. */
  SparkFabricOptions withFabric(FabricOptions value) {
    return new SparkFabricOptions(
        numWorkers,
        value,
        startTimeout,
        executorTimeout,
        connectTimeout,
        callTimeout,
        peerTimeout,
        firstPort,
        lastPort,
        bindAddress,
        allowClearText,
        progress,
        progressInterval,
        data);
  }

  private static String text(Map<String, String> values, String name) {
    return values.getOrDefault(name, DEFAULTS.get(name)).trim();
  }

  private static int number(Map<String, String> values, String name) {
    String value = text(values, name);
    if (!value.matches("\\d{1,9}")) {
      throw invalid(name, value, "a whole number from 0");
    }
    return Integer.parseInt(value);
  }

  private static String choice(Map<String, String> values, String name, List<String> known) {
    String value = text(values, name);
    if (!known.contains(value)) {
      throw invalid(name, value, String.join(" or ", known));
    }
    return value;
  }

  private static boolean truth(Map<String, String> values, String name) {
    return Boolean.parseBoolean(choice(values, name, List.of("true", "false")));
  }

  private static Duration duration(Map<String, String> values, String name) {
    String value = text(values, name);
    Duration duration = Duration.ZERO;
    try {
      duration = Duration.ofMillis(JavaUtils.timeStringAsMs(value));
    } catch (NumberFormatException e) {
      throw invalid(name, value, "a duration such as 30s or 10min");
    }
    if (duration.isNegative() || duration.isZero()) {
      throw invalid(name, value, "a duration above zero");
    }
    return duration;
  }

  private static long bytes(Map<String, String> values, String name) {
    String value = text(values, name);
    try {
      return JavaUtils.byteStringAsBytes(value);
    } catch (NumberFormatException e) {
      throw invalid(name, value, "a size such as 512m or 2g");
    }
  }

  private static HandleInvalid handleInvalid(Map<String, String> values) {
    String value = text(values, HANDLE_INVALID);
    return Arrays.stream(HandleInvalid.values())
        .filter(choice -> choice.name().equalsIgnoreCase(value))
        .findFirst()
        .orElseThrow(() -> invalid(HANDLE_INVALID, value, "error, skip or keep"));
  }

  private static int[] ports(String value) {
    if (value.matches("\\d{1,5}(-\\d{1,5})?")) {
      int dash = value.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? value : value.substring(0, dash));
      int last = Integer.parseInt(value.substring(dash + 1));
      if (first <= last && last <= 65535 && (first > 0 || last == 0)) {
        return new int[] {first, last};
      }
    }
    throw invalid(PORT_RANGE, value, "0 or a range within 1-65535 such as 40000-40100");
  }

  private static IllegalArgumentException invalid(String name, String value, String expected) {
    return new IllegalArgumentException(name + " is '" + value + "'. Use " + expected + ".");
  }
}
