package io.fabric4j.benchmark;

import io.fabric4j.Fabric;
import io.fabric4j.optim.AdamW;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Time of a training step on one device, as one JSON line per model and precision: fused AdamW, all
 * on the device. Arguments: the accelerator, {@code calls} or {@code graph}, and models separated
 * by commas.
 */
public final class GpuStepBenchmark {
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 5;

  private GpuStepBenchmark() {}

  public static void main(String[] args) {
    boolean graph = args[1].equals("graph");
    List<BenchmarkModel> models =
        args.length > 2
            ? Arrays.stream(args[2].toUpperCase(Locale.ROOT).split(","))
                .map(BenchmarkModel::valueOf)
                .toList()
            : List.of(BenchmarkModel.values());
    for (BenchmarkModel model : models) {
      for (String precision : List.of("32-true", "bf16-mixed", "16-mixed")) {
        measure(args[0], model, precision, graph);
      }
    }
  }

  private static void measure(
      String accelerator, BenchmarkModel model, String precision, boolean graph) {
    try (Fabric fabric =
            Fabric.builder().accelerator(accelerator).precision(precision).threads(1).build();
        TrainingStep step =
            new TrainingStep(
                fabric, model, model.rows(), AdamW.builder().learningRate(1e-3).build(), graph)) {
      float first = step.loss();
      step.time(WARM_UP);
      double[] times = new double[ROUNDS];
      Arrays.setAll(times, round -> step.time(model.steps()));
      System.out.println(
          Results.line(
              "side",
              graph ? "fabric4j-graph" : "fabric4j",
              "model",
              model.name().toLowerCase(Locale.ROOT),
              "precision",
              precision,
              "world",
              1,
              "us",
              Results.median(times),
              "min_us",
              Arrays.stream(times).min().getAsDouble(),
              "first_loss",
              first,
              "last_loss",
              step.loss()));
    }
  }
}
