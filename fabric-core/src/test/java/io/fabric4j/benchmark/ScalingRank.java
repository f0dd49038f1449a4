package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.fabric4j.Fabric;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.CudaRuntime;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.SGD;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What one of several ranks does to measure how training scales. Each method is what one launch
 * runs, on every rank; lines of JSON come from rank 0.
 */
public final class ScalingRank {
  private static final int WARM_UP = 10;
  private static final int PARITY_STEPS = 20;
  private static final int MEMORY_STEPS = 5;
  private static final int STEPS_BEFORE_DEATH = 50;
  private static final Duration DEATH_PATIENCE = Duration.ofSeconds(30);

  private ScalingRank() {}

  /**
   * A training to measure.
   *
   * @param model name of a {@link BenchmarkModel}
   * @param strong whether the global batch is as large on any number of ranks, not each rank's
   * @param mode {@code overlap}, {@code no-overlap} or {@code graph}
   * @param steps of a round, 0 for the model's own number
   */
  public record Training(
      String model, String precision, boolean strong, String mode, int rounds, int steps)
      implements Serializable {}

  private static BenchmarkModel model(String name) {
    return BenchmarkModel.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Compares every collective, of every type, with Java's sums. */
  public static String sums(Fabric fabric) {
    for (DataType type : CollectiveSums.TYPES) {
      new CollectiveSums(fabric.processGroup(), fabric.manager(), type).check();
    }
    return Results.line(
        "check",
        "sums",
        "world",
        fabric.worldSize(),
        "transport",
        fabric.processGroup().transport(),
        "types",
        CollectiveSums.TYPES.size());
  }

  public static List<String> allReduce(Fabric fabric, long mostBytes) {
    return AllReduceBandwidth.measure(fabric.processGroup(), fabric.manager(), mostBytes);
  }

  /** Times steps with AdamW. */
  public static String train(Fabric fabric, Training training) {
    BenchmarkModel model = model(training.model());
    int rows = training.strong() ? model.rows() : model.rows() * fabric.worldSize();
    OptimizerConfig adamW = AdamW.builder().learningRate(1e-3).build();
    try (TrainingStep step =
        new TrainingStep(fabric, model, rows, adamW, training.mode().equals("graph"))) {
      step.time(WARM_UP);
      double[] times = new double[training.rounds()];
      for (int round = 0; round < times.length; round++) {
        fabric.barrier();
        times[round] = step.time(training.steps() > 0 ? training.steps() : model.steps());
      }
      return Results.line(
          "side",
          "fabric4j-" + training.mode(),
          "model",
          training.model(),
          "precision",
          training.precision(),
          "scaling",
          training.strong() ? "strong" : "weak",
          "world",
          fabric.worldSize(),
          "us",
          Results.median(times),
          "loss",
          step.loss());
    }
  }

  /**
   * Trains on one global batch. A single rank leaves its parameters in a file; of several, rank 0
   * tells how far theirs are from those, relative to their norm.
   *
   * @param optimizer {@code adamw} or {@code sgd}
   */
  public static String parity(Fabric fabric, String model, String optimizer, String file)
      throws IOException {
    OptimizerConfig config =
        optimizer.equals("sgd")
            ? SGD.builder().learningRate(0.05).momentum(0.9).build()
            : AdamW.builder().learningRate(1e-3).build();
    BenchmarkModel chosen = model(model);
    try (TrainingStep step = new TrainingStep(fabric, chosen, chosen.rows(), config, false)) {
      for (int i = 0; i < PARITY_STEPS; i++) {
        step.run();
      }
      float[] parameters = parameters(step);
      if (fabric.worldSize() == 1) {
        write(Path.of(file), parameters);
      }
      return Results.line(
          "check",
          "parity",
          "world",
          fabric.worldSize(),
          "model",
          model,
          "optimizer",
          optimizer,
          "distance",
          String.format(
              Locale.ROOT, "%.1e", fabric.isGlobalZero() ? distance(parameters, file) : 0));
    }
  }

  private static float[] parameters(TrainingStep step) {
    List<float[]> all = new ArrayList<>();
    for (Parameter parameter : step.setup().block().unwrap().getParameters().values()) {
      all.add(parameter.getArray().toFloatArray());
    }
    float[] result = new float[all.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : all) {
      System.arraycopy(part, 0, result, at, part.length);
      at += part.length;
    }
    return result;
  }

  private static void write(Path file, float[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    Files.write(file, bytes.array());
  }

  private static double distance(float[] values, String file) throws IOException {
    float[] expected = new float[values.length];
    ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).asFloatBuffer().get(expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < values.length; i++) {
      difference += Math.pow(values[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  /** Tells what training with AdamW takes of a rank's memory; of a GPU, all that is taken. */
  public static String memory(Fabric fabric, String model, String strategy) {
    BenchmarkModel chosen = model(model);
    OptimizerConfig adamW = AdamW.builder().learningRate(1e-3).build();
    int rows = chosen.rows() * fabric.worldSize();
    try (TrainingStep step = new TrainingStep(fabric, chosen, rows, adamW, false)) {
      step.time(MEMORY_STEPS);
      long taken = 0;
      if (fabric.device().isGpu()) {
        CudaRuntime.Memory memory = CudaRuntime.memory(fabric.device());
        taken = memory.total() - memory.free();
      }
      return Results.line(
          "check",
          "memory",
          "strategy",
          strategy,
          "world",
          fabric.worldSize(),
          "optimizer_mib",
          step.setup().optimizer().stateBytes() / (double) (1 << 20),
          "device_mib",
          taken / (double) (1 << 20));
    }
  }

  /**
   * Reduces until the last rank kills its process, and throws what the others see; they leave in a
   * file how long it took. Run again, returns what is in the file.
   *
   * @param folder empty at first, and seen by all ranks
   */
  public static String die(Fabric fabric, String folder) throws Exception {
    Path died = Path.of(folder, "died");
    Path report = Path.of(folder, "report");
    if (Files.exists(died)) {
      return Files.readString(report);
    }
    fabric.barrier();
    try (NDArray array = fabric.manager().ones(new Shape(1 << 20))) {
      long deadline = System.nanoTime() + DEATH_PATIENCE.toNanos();
      for (int step = 0; System.nanoTime() < deadline; step++) {
        if (step == STEPS_BEFORE_DEATH && fabric.globalRank() == fabric.worldSize() - 1) {
          Files.writeString(died, "");
          new ProcessBuilder("kill", "-9", String.valueOf(ProcessHandle.current().pid())).start();
          Thread.sleep(DEATH_PATIENCE.toMillis());
        }
        fabric.processGroup().allReduce(array, ReduceOp.AVG).waitFor();
        fabric.barrier();
      }
      throw new IllegalStateException("The last rank's death was not noticed.");
    } catch (FabricException e) {
      if (fabric.isGlobalZero()) {
        long millis = System.currentTimeMillis() - Files.getLastModifiedTime(died).toMillis();
        report(report, fabric.worldSize(), millis, e.getMessage());
      }
      throw e;
    }
  }

  private static void report(Path file, int world, long millis, String message) throws IOException {
    Path whole = Path.of(file + ".tmp");
    Files.writeString(
        whole, Results.line("check", "kill", "world", world, "ms", millis, "message", message));
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
