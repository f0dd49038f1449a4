package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.loss.Loss;
import com.google.gson.Gson;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.GraphedBackward;
import io.fabric4j.internal.torch.CudaRuntime;
import io.fabric4j.nn.MultiHeadAttention;
import io.fabric4j.nn.TransformerEncoderLayer;
import io.fabric4j.optim.AdamW;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Time of a training step on one device, as one JSON line per model and precision: fused AdamW, all
 * on the device. Arguments: the accelerator, {@code calls} or {@code graph}, and models separated
 * by commas.
 */
public final class GpuStepBenchmark {
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 5;
  private static final int VOCABULARY = 8192;
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  private GpuStepBenchmark() {}

  /** A network, what it reads, and the steps of a round. */
  private record Model(
      Supplier<Block> block,
      Function<NDManager, NDArray> data,
      Function<NDManager, NDArray> labels,
      int steps) {}

  public static void main(String[] args) {
    String accelerator = args[0];
    boolean graph = args[1].equals("graph");
    Map<String, Model> models = models();
    List<String> names =
        args.length > 2 ? List.of(args[2].split(",")) : List.copyOf(models.keySet());
    for (String name : names) {
      for (String precision : List.of("32-true", "bf16-mixed", "16-mixed")) {
        measure(accelerator, name, models.get(name), precision, graph);
      }
    }
  }

  private static void measure(
      String accelerator, String name, Model model, String precision, boolean graph) {
    try (Fabric fabric =
        Fabric.builder().accelerator(accelerator).precision(precision).threads(1).build()) {
      fabric.seedEverything(1);
      NDArray data = model.data().apply(fabric.manager());
      NDArray labels = model.labels().apply(fabric.manager());
      Block block = model.block().get();
      FabricSetup setup =
          fabric.setup(block, data.getShape(), AdamW.builder().learningRate(1e-3).build());
      GraphedBackward graphed = fabric.graph((d, l) -> LOSS.evaluate(l, setup.block().forward(d)));
      Runnable step =
          graph
              ? () -> graphedStep(fabric, setup, graphed, data, labels)
              : () -> plainStep(fabric, setup, data, labels);
      float first = loss(setup, data, labels);
      time(fabric, step, WARM_UP);
      double[] times = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        times[round] = time(fabric, step, model.steps());
      }
      print(name, precision, graph, times, first, loss(setup, data, labels));
    }
  }

  private static void plainStep(Fabric fabric, FabricSetup setup, NDArray data, NDArray labels) {
    try (NDManager scope = fabric.manager().newSubManager()) {
      setup.optimizer().zeroGrad();
      NDList inputs = new NDList(data.duplicate());
      inputs.attach(scope);
      fabric.backward(LOSS.evaluate(new NDList(labels), setup.block().forward(inputs)));
      setup.optimizer().step();
    }
  }

  private static void graphedStep(
      Fabric fabric, FabricSetup setup, GraphedBackward graphed, NDArray data, NDArray labels) {
    try (NDManager scope = fabric.manager().newSubManager()) {
      setup.optimizer().zeroGrad();
      NDList inputs = new NDList(data.duplicate());
      inputs.attach(scope);
      graphed.backward(inputs, new NDList(labels));
      setup.optimizer().step();
    }
  }

  private static float loss(FabricSetup setup, NDArray data, NDArray labels) {
    try (NDArray loss =
        LOSS.evaluate(new NDList(labels), setup.block().evaluate(new NDList(data)))) {
      return loss.getFloat();
    }
  }

  private static double time(Fabric fabric, Runnable step, int steps) {
    synchronize(fabric);
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      step.run();
    }
    synchronize(fabric);
    return (System.nanoTime() - start) / 1e3 / steps;
  }

  private static void synchronize(Fabric fabric) {
    if (fabric.device().isGpu()) {
      CudaRuntime.synchronize();
    }
  }

  private static void print(
      String model, String precision, boolean graph, double[] times, float first, float last) {
    Arrays.sort(times);
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("side", graph ? "fabric4j-graph" : "fabric4j");
    line.put("model", model);
    line.put("precision", precision);
    line.put("us", Math.round(times[times.length / 2] * 10) / 10.0);
    line.put("min_us", Math.round(times[0] * 10) / 10.0);
    line.put("first_loss", first);
    line.put("last_loss", last);
    System.out.println(new Gson().toJson(line));
  }

  private static Map<String, Model> models() {
    Map<String, Model> models = new LinkedHashMap<>();
    models.put(
        "mlp",
        new Model(
            GpuStepBenchmark::mlp,
            m -> m.randomUniform(0, 1, new Shape(64, 784)),
            m -> m.randomInteger(0, 10, new Shape(64), DataType.INT64),
            200));
    models.put(
        "cnn",
        new Model(
            GpuStepBenchmark::cnn,
            m -> m.randomUniform(0, 1, new Shape(256, 1, 28, 28)),
            m -> m.randomInteger(0, 10, new Shape(256), DataType.INT64),
            100));
    models.put(
        "transformer",
        new Model(
            GpuStepBenchmark::transformer,
            m -> m.randomInteger(0, VOCABULARY, new Shape(16, 256), DataType.INT64),
            m -> m.randomInteger(0, VOCABULARY, new Shape(16 * 256), DataType.INT64),
            20));
    return models;
  }

  private static Block mlp() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(256).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }

  private static Block cnn() {
    return new SequentialBlock()
        .add(convolution(32))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(convolution(64))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }

  private static Block convolution(int filters) {
    return Conv2d.builder()
        .setKernelShape(new Shape(5, 5))
        .optPadding(new Shape(2, 2))
        .setFilters(filters)
        .build();
  }

  private static Block transformer() {
    SequentialBlock block =
        new SequentialBlock()
            .add(new TokenEmbedding(VOCABULARY, 512))
            .add(new PositionEmbedding(256, 512));
    for (int layer = 0; layer < 6; layer++) {
      block.add(
          new TransformerEncoderLayer(
              MultiHeadAttention.builder(512, 8).causal().build(), 2048, 0));
    }
    return block
        .add(Linear.builder().setUnits(VOCABULARY).build())
        .add(LambdaBlock.singleton(logits -> logits.reshape(-1, VOCABULARY)));
  }
}
