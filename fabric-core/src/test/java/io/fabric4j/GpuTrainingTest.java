package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.loss.Loss;
import io.fabric4j.accelerators.GpuTest;
import io.fabric4j.monitoring.Progress;
import io.fabric4j.monitoring.Throughput;
import io.fabric4j.monitoring.ThroughputMonitor;
import io.fabric4j.nn.MultiHeadAttention;
import io.fabric4j.nn.TransformerEncoderLayer;
import io.fabric4j.optim.Adagrad;
import io.fabric4j.optim.Adam;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.SGD;
import io.fabric4j.precision.GradScaler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same loop on the CPU and on a GPU. */
@GpuTest
class GpuTrainingTest {
  private static final int STEPS = 30;
  private static final int BATCH = 32;
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  @TempDir private Path folder;

  private static Fabric fabric(String accelerator, String precision) {
    FabricBuilder builder =
        Fabric.builder().accelerator(accelerator).precision(precision).threads(2);
    if (precision.equals("16-mixed")) {
      builder.scaler(GradScaler.builder().initScale(1024).build());
    }
    Fabric fabric = builder.build();
    fabric.seedEverything(7);
    return fabric;
  }

  private static Block mlp() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(64).build())
        .add(Activation.reluBlock())
        .add(BatchNorm.builder().build())
        .add(Linear.builder().setUnits(10).build());
  }

  private static OptimizerConfig optimizer(String name) {
    return switch (name) {
      case "adam" -> Adam.builder().learningRate(1e-2).build();
      case "adamw" -> AdamW.builder().learningRate(1e-2).build();
      case "adagrad" -> Adagrad.builder().learningRate(1e-2).build();
      default -> SGD.builder().learningRate(1e-2).momentum(0.9).build();
    };
  }

  /** Rows that are the same on every device. */
  private static NDArray rows(NDManager manager, int step) {
    float[] values = new float[BATCH * 20];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.37 + step * 1.3);
    }
    return manager.create(values, new Shape(BATCH, 20));
  }

  private static NDArray labels(NDManager manager, int step) {
    long[] values = new long[BATCH];
    for (int i = 0; i < BATCH; i++) {
      values[i] = (i * 7L + step) % 10;
    }
    return manager.create(values);
  }

  /** Trains from weights that are saved once, so that all runs start alike. */
  private List<Float> losses(
      String accelerator, String precision, OptimizerConfig config, boolean graph)
      throws Exception {
    String start = folder.resolve("start.safetensors").toString();
    if (!folder.resolve("start.safetensors").toFile().exists()) {
      try (Fabric fabric = fabric("cpu", "32-true")) {
        fabric.saveRaw(start, fabric.initModule(mlp(), new Shape(BATCH, 20)));
      }
    }
    try (Fabric fabric = fabric(accelerator, precision)) {
      FabricSetup setup = fabric.setup(mlp(), new Shape(BATCH, 20), config);
      fabric.loadRaw(start, setup.block());
      GraphedBackward graphed =
          fabric.graph((data, labels) -> LOSS.evaluate(labels, setup.block().forward(data)));
      List<Float> losses = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        try (NDManager scope = fabric.manager().newSubManager()) {
          NDList data = new NDList(rows(scope, step % 5));
          NDList labels = new NDList(labels(scope, step % 5));
          setup.optimizer().zeroGrad();
          NDArray loss;
          if (graph) {
            loss = graphed.backward(data, labels);
          } else {
            loss = LOSS.evaluate(labels, setup.block().forward(data));
            fabric.backward(loss);
          }
          losses.add(loss.toType(DataType.FLOAT32, true).getFloat());
          fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(5));
          setup.optimizer().step();
        }
      }
      assertThat(graphed.isCaptured()).isEqualTo(graph);
      return losses;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "32-true, adam, 1e-3",
    "32-true, adamw, 1e-3",
    "32-true, sgd, 1e-4",
    "32-true, adagrad, 1e-4",
    "64-true, adamw, 1e-6",
    "bf16-mixed, sgd, 5e-2",
    "16-mixed, sgd, 2e-2",
    "bf16-true, sgd, 2e-1"
  })
  void trainsLikeTheCpu(String precision, String optimizer, double tolerance) throws Exception {
    String reference = precision.startsWith("64") ? precision : "32-true";
    List<Float> expected = losses("cpu", reference, optimizer(optimizer), false);
    List<Float> actual = losses("cuda", precision, optimizer(optimizer), false);
    double distance = 0;
    for (int i = 0; i < STEPS; i++) {
      distance = Math.max(distance, Math.abs(expected.get(i) - actual.get(i)));
    }
    System.out.printf(
        "%s %s: %s -> %s, largest difference of a loss %.2e%n",
        precision, optimizer, actual.get(0), actual.get(STEPS - 1), distance);
    assertThat(distance).isLessThan(tolerance);
  }

  @ParameterizedTest
  @ValueSource(strings = {"32-true", "bf16-mixed", "16-mixed"})
  void aGraphComputesWhatCallsCompute(String precision) throws Exception {
    List<Float> calls = losses("cuda", precision, optimizer("adamw"), false);
    List<Float> graph = losses("cuda", precision, optimizer("adamw"), true);
    assertThat(graph).isEqualTo(calls);
  }

  @Test
  void aGraphDrawsAnewInEachReplay() {
    try (Fabric fabric = fabric("cuda", "32-true")) {
      Block block =
          new SequentialBlock()
              .add(Dropout.builder().optRate(0.5f).build())
              .add(Linear.builder().setUnits(10).build());
      FabricSetup setup = fabric.setup(block, new Shape(BATCH, 20), optimizer("sgd"));
      GraphedBackward graphed =
          fabric.graph((data, labels) -> LOSS.evaluate(labels, setup.block().forward(data)));
      List<Float> losses = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        losses.add(backward(fabric, graphed));
      }
      assertThat(losses).doesNotHaveDuplicates();
    }
  }

  private static float backward(Fabric fabric, GraphedBackward graphed) {
    try (NDManager scope = fabric.manager().newSubManager()) {
      NDArray loss = graphed.backward(new NDList(rows(scope, 0)), new NDList(labels(scope, 0)));
      return loss.getFloat();
    }
  }

  @Test
  void saysWhatCannotBeCaptured() {
    try (Fabric fabric = fabric("cuda", "32-true")) {
      FabricSetup setup = fabric.setup(mlp(), new Shape(BATCH, 20), optimizer("sgd"));
      GraphedBackward graphed =
          fabric.graph(
              (data, labels) -> {
                NDArray loss = LOSS.evaluate(labels, setup.block().forward(data));
                loss.getFloat();
                return loss;
              });
      for (int i = 0; i < 3; i++) {
        backward(fabric, graphed);
      }
      assertThatThrownBy(() -> backward(fabric, graphed))
          .isInstanceOf(FabricException.class)
          .hasMessageContaining("cannot be captured as a CUDA graph");
      NDList data = new NDList(rows(fabric.manager(), 0));
      NDList labels = new NDList(labels(fabric.manager(), 0));
      NDArray after = LOSS.evaluate(labels, setup.block().forward(data));
      fabric.backward(after);
      assertThat(after.getFloat()).isFinite();
    }
  }

  @Test
  void movesBlocksBuffersAndBatches() throws Exception {
    try (Fabric fabric = fabric("cuda", "32-true")) {
      Block block = mlp();
      try (NDManager cpu = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
        block.initialize(cpu, DataType.FLOAT32, new Shape(BATCH, 20));
        FabricSetup setup = fabric.setup(block, optimizer("adamw"));
        assertThat(block.getParameters().values())
            .allMatch(parameter -> parameter.getArray().getDevice().isGpu());
        NDArray data = fabric.toDevice(rows(cpu, 0));
        assertThat(data.getDevice()).isEqualTo(fabric.device());
        assertThat(setup.block().evaluate(data).getDevice().isGpu()).isTrue();
        assertThat(fabric.allReduce(3.0)).isEqualTo(3.0);
        System.out.println(fabric.explain());
        ThroughputMonitor monitor =
            new ThroughputMonitor(fabric, Throughput.builder(), (metrics, step) -> {});
        monitor.update(Progress.of(1, 1, BATCH));
        assertThat(monitor.compute().get("device/memory_bytes")).isGreaterThan(1e6);
      }
    }
  }

  @Test
  void resumesExactly() throws Exception {
    String path = folder.resolve("resume.safetensors").toString();
    List<Float> expected = new ArrayList<>();
    try (Fabric fabric = fabric("cuda", "16-mixed")) {
      FabricSetup setup = fabric.setup(dropout(), new Shape(BATCH, 20), optimizer("adamw"));
      run(fabric, setup, 10);
      fabric.save(path, state(fabric, setup));
      expected.addAll(run(fabric, setup, 10));
    }
    try (Fabric fabric = fabric("cuda", "16-mixed")) {
      FabricSetup setup = fabric.setup(dropout(), new Shape(BATCH, 20), optimizer("adamw"));
      run(fabric, setup, 3);
      fabric.load(path, state(fabric, setup));
      assertThat(run(fabric, setup, 10)).isEqualTo(expected);
    }
  }

  private static Block dropout() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(64).build())
        .add(Dropout.builder().optRate(0.5f).build())
        .add(Linear.builder().setUnits(10).build());
  }

  private static Map<String, Object> state(Fabric fabric, FabricSetup setup) {
    Map<String, Object> state = new HashMap<>();
    state.put("fabric", fabric);
    state.put("block", setup.block());
    state.put("optimizer", setup.optimizer());
    return state;
  }

  private static List<Float> run(Fabric fabric, FabricSetup setup, int steps) {
    List<Float> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      try (NDManager scope = fabric.manager().newSubManager()) {
        setup.optimizer().zeroGrad();
        NDArray loss =
            LOSS.evaluate(
                new NDList(labels(scope, step)),
                setup.block().forward(new NDList(rows(scope, step))));
        fabric.backward(loss);
        setup.optimizer().step();
        losses.add(loss.getFloat());
      }
    }
    return losses;
  }

  @Test
  void aTransformerLayerAgreesWithTheCpu() throws Exception {
    String path = folder.resolve("layer.safetensors").toString();
    float[] expected;
    try (Fabric fabric = fabric("cpu", "32-true")) {
      Block layer = new TransformerEncoderLayer(MultiHeadAttention.builder(20, 4).build(), 40, 0);
      FabricBlock block = fabric.setupModule(layer, new Shape(1, BATCH, 20));
      fabric.saveRaw(path, layer);
      expected = block.evaluate(rows(fabric.manager(), 0).reshape(1, BATCH, 20)).toFloatArray();
    }
    try (Fabric fabric = fabric("cuda", "32-true")) {
      Block layer = new TransformerEncoderLayer(MultiHeadAttention.builder(20, 4).build(), 40, 0);
      FabricBlock block = fabric.setupModule(layer, new Shape(1, BATCH, 20));
      fabric.loadRaw(path, layer);
      float[] actual =
          block.evaluate(rows(fabric.manager(), 0).reshape(1, BATCH, 20)).toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }

  @Test
  void releasesItsMemory() {
    long[] taken = new long[2];
    for (int i = 0; i < 6; i++) {
      try (Fabric fabric = fabric("cuda", "32-true")) {
        Block block = mlp();
        FabricSetup setup = fabric.setup(block, new Shape(BATCH, 20), optimizer("adamw"));
        run(fabric, setup, 200);
        var memory = io.fabric4j.internal.torch.CudaRuntime.memory(fabric.device());
        taken[i == 2 ? 0 : 1] = memory.total() - memory.free();
        block.clear();
      }
    }
    assertThat(taken[1]).isLessThanOrEqualTo(taken[0]);
  }
}
