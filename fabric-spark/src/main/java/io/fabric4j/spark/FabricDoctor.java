package io.fabric4j.spark;

import io.fabric4j.RunOptions;
import io.fabric4j.spark.internal.doctor.DoctorArguments;
import io.fabric4j.spark.internal.doctor.Examination;
import io.fabric4j.spark.internal.doctor.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;

/**
 * Examines whether ranks can train on a cluster, and says how to fix what is in the way: the checks
 * that {@code SparkFabric.launch} makes, memory for a model, the folder of checkpoints, and a
 * launch in which ranks reduce arrays and measure the network. Takes seconds; use it on the driver.
 *
 * <pre>{@code
 * Diagnosis diagnosis =
 *     FabricDoctor.builder(spark)
 *         .numWorkers(8)
 *         .parameters(25_000_000)
 *         .checkpoints("hdfs:///runs")
 *         .build()
 *         .examine();
 * System.out.println(diagnosis);
 * }</pre>
 *
 * <p>Or, with {@code --help} for the arguments:
 *
 * <pre>
 * spark-submit ... --class io.fabric4j.spark.FabricDoctor fabric-spark_2.13-all.jar --workers 8
 * </pre>
 */
public final class FabricDoctor {
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private final SparkSession spark;
  private final Subject subject;

  private FabricDoctor(SparkSession spark, Subject subject) {
    this.spark = spark;
    this.subject = subject;
  }

  /** Returns a builder whose settings start with the session's configuration. */
  public static Builder builder(SparkSession spark) {
    return new Builder(Objects.requireNonNull(spark, "spark is null"));
  }

  /**
   * Prints a diagnosis. Exit code 0: training can start; 1: a check failed; 2: the arguments are
   * wrong.
   */
  public static void main(String[] args) {
    int code = run(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  private static int run(String[] args) {
    DoctorArguments arguments;
    try {
      arguments = DoctorArguments.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return MISUSED;
    }
    if (arguments.helpRequested()) {
      System.out.println(DoctorArguments.HELP);
      return 0;
    }
    SparkSession spark = SparkSession.builder().appName("FabricDoctor").getOrCreate();
    try {
      Diagnosis diagnosis = arguments.applyTo(builder(spark)).build().examine();
      System.out.println(diagnosis);
      return diagnosis.isHealthy() ? 0 : FAILED;
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return MISUSED;
    } finally {
      spark.stop();
    }
  }

  /**
   * Runs the checks.
   *
   * @throws IllegalStateException if the session has been stopped
   */
  public Diagnosis examine() {
    return Examination.run(spark.sparkContext(), subject);
  }

  /** Builds a {@link FabricDoctor}. */
  public static final class Builder {
    private static final int MOMENTS_OF_ADAM = 2;

    private final SparkSession spark;
    private final Map<String, String> chosen = new HashMap<>();
    private long parameters;
    private int moments = MOMENTS_OF_ADAM;
    private String checkpoints;

    private Builder(SparkSession spark) {
      this.spark = spark;
    }

    /** Sets the number of ranks; see {@link SparkFabric.Builder#numWorkers}. */
    public Builder numWorkers(int count) {
      return option(SparkFabricOptions.NUM_WORKERS, Integer.toString(count));
    }

    /** Sets any of the settings that {@link SparkFabricOptions} names. */
    public Builder option(String name, String value) {
      chosen.put(name, Objects.requireNonNull(value, name + " is null"));
      return this;
    }

    /** Sets the number of trainable parameters; without it memory is not compared. */
    public Builder parameters(long count) {
      if (count < 1) {
        throw new IllegalArgumentException(
            "parameters is " + count + ", but a model has at least 1.");
      }
      parameters = count;
      return this;
    }

    /** Sets how many numbers the optimizer keeps per parameter; default 2, as Adam does. */
    public Builder moments(int count) {
      if (count < 0) {
        throw new IllegalArgumentException("moments is " + count + ". It is 0 or more.");
      }
      moments = count;
      return this;
    }

    /**
     * Sets the folder of checkpoints, of any Hadoop file system; it is created if missing. Default:
     * {@link SparkFabricOptions#CHECKPOINT_DIR}, if that is set.
     */
    public Builder checkpoints(String folder) {
      checkpoints = Objects.requireNonNull(folder, "folder is null");
      return this;
    }

    /**
     * Resolves the settings.
     *
     * @throws IllegalArgumentException if a setting is unknown or not valid
     */
    public FabricDoctor build() {
      SparkFabricOptions options = SparkFabricOptions.of(spark, chosen);
      RunOptions run = options.fabric().run();
      String folder = checkpoints == null && run != null ? run.directory() : checkpoints;
      // The trial launch is not the run that the settings name.
      SparkFabricOptions trial = options.withFabric(options.fabric().withRun(null));
      return new FabricDoctor(spark, new Subject(trial, parameters, moments, folder));
    }
  }
}
