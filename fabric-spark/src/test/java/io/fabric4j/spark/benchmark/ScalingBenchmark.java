package io.fabric4j.spark.benchmark;

import io.fabric4j.FabricFunction;
import io.fabric4j.benchmark.ScalingRank;
import io.fabric4j.benchmark.ScalingRank.Training;
import io.fabric4j.spark.SparkFabric;
import io.fabric4j.strategies.DDPStrategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Training on one to several GPUs of a host, one executor with one GPU for each rank, as JSON
 * lines. Arguments: the accelerator ({@code cuda}, {@code cpu}), the number of ranks, a folder for
 * parameters, and what to do:
 *
 * <ul>
 *   <li>{@code sums}: every collective of every type compared with Java's;
 *   <li>{@code parity}: parameters after some steps, compared with those in the folder, or left
 *       there by a single rank;
 *   <li>{@code allreduce}: time of an all-reduce by size;
 *   <li>{@code train}: time of a training step;
 *   <li>{@code memory=STRATEGY}: memory of a rank;
 *   <li>{@code kill}: how the other ranks end when one is killed.
 * </ul>
 */
public final class ScalingBenchmark {
  private static final List<String> PRECISIONS = List.of("32-true", "bf16-mixed");
  private static final List<String> MODES = List.of("overlap", "no-overlap", "graph");
  private static final int ROUNDS = 3;

  private final SparkSession spark;
  private final String accelerator;
  private final int ranks;
  private final Path folder;

  private ScalingBenchmark(SparkSession spark, String accelerator, int ranks, Path folder) {
    this.spark = spark;
    this.accelerator = accelerator;
    this.ranks = ranks;
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    int ranks = Integer.parseInt(args[1]);
    Path folder = Files.createDirectories(Path.of(args[2])).toAbsolutePath();
    try (SparkSession spark = cluster(args[0], ranks, folder).getOrCreate()) {
      ScalingBenchmark benchmark = new ScalingBenchmark(spark, args[0], ranks, folder);
      for (String part : List.of(args).subList(3, args.length)) {
        benchmark.run(part);
      }
    }
  }

  /** Starts one executor per rank, all of one worker, which hands its GPUs out. */
  static SparkSession.Builder cluster(String accelerator, int ranks, Path folder)
      throws IOException {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local-cluster[1," + ranks + "," + 3072 * ranks + "]")
            .config("spark.executor.cores", 1)
            .config("spark.executor.memory", "2g")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.ui.enabled", false);
    if (accelerator.equals("cuda")) {
      builder
          .config("spark.worker.resource.gpu.amount", ranks)
          .config("spark.worker.resource.gpu.discoveryScript", script(folder, ranks).toString())
          .config("spark.executor.resource.gpu.amount", 1);
    }
    return builder;
  }

  private static Path script(Path folder, int gpus) throws IOException {
    Path script = folder.resolve("gpus-" + gpus + ".sh");
    Files.writeString(
        script,
        """
        #!/bin/sh
        uuids=$(nvidia-smi --query-gpu=uuid --format=csv,noheader | head -n %d)
        echo "{\\"name\\": \\"gpu\\", \\"addresses\\": [$(echo "$uuids" | sed 's/.*/"&"/' | paste -sd, -)]}"
        """
            .formatted(gpus));
    if (!script.toFile().setExecutable(true)) {
      throw new IOException("Cannot make " + script + " executable.");
    }
    return script;
  }

  private void run(String part) throws IOException {
    switch (part.replaceFirst("=.*", "")) {
      case "sums" -> print(launch(ScalingRank::sums));
      case "parity" -> {
        parity("mlp", "adamw");
        if (onGpus()) {
          parity("transformer", "sgd");
        }
      }
      case "allreduce" -> {
        long mostBytes = onGpus() ? 256 << 20 : 4 << 20;
        launch(rank -> ScalingRank.allReduce(rank, mostBytes)).forEach(ScalingBenchmark::print);
      }
      case "train" -> train();
      case "memory" -> memory(part.substring(part.indexOf('=') + 1));
      case "kill" -> kill();
      default -> throw new IllegalArgumentException("Unknown part '" + part + "'.");
    }
  }

  private boolean onGpus() {
    return accelerator.equals("cuda");
  }

  private String model() {
    return onGpus() ? "transformer" : "mlp";
  }

  private static void print(String line) {
    System.out.println(line);
  }

  private SparkFabric.Builder fabric() {
    return SparkFabric.builder(spark).numWorkers(ranks).accelerator(accelerator);
  }

  private <R> R launch(FabricFunction<R> function) {
    return fabric().build().launch(function);
  }

  private void parity(String model, String optimizer) {
    String file = folder.resolve(model + "-" + optimizer).toString();
    print(launch(rank -> ScalingRank.parity(rank, model, optimizer, file)));
  }

  private void train() {
    for (String precision : PRECISIONS) {
      for (String mode : ranks == 1 ? List.of("overlap", "graph") : MODES) {
        for (boolean strong : ranks == 1 ? List.of(false) : List.of(false, true)) {
          Training training = new Training(model(), precision, strong, mode, ROUNDS, 0);
          SparkFabric.Builder fabric = fabric().precision(precision);
          if (ranks > 1) {
            fabric.strategy(
                mode.equals("no-overlap") ? DDPStrategy.withoutOverlap() : new DDPStrategy());
          }
          print(fabric.build().launch(rank -> ScalingRank.train(rank, training)));
        }
      }
    }
  }

  private void memory(String strategy) {
    String model = model();
    print(
        fabric()
            .strategy(strategy)
            .build()
            .launch(rank -> ScalingRank.memory(rank, model, strategy)));
  }

  private void kill() throws IOException {
    String empty = Files.createTempDirectory(folder, "kill").toString();
    print(launch(rank -> ScalingRank.die(rank, empty)));
  }
}
