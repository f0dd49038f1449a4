package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.checkpoint.SafetensorsReader;
import io.fabric4j.internal.checkpoint.TensorInfo;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.precision.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each precision through a whole training loop on the CPU. */
class PrecisionTrainingTest {
  private static final int ROWS = 8;
  private static final int COLUMNS = 6;
  private static final int STEPS = 12;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void keepsItsTypesWhileTheLossFalls(Precision precision) {
    DataType type = type(precision);
    try (Fabric fabric = Fabric.builder().precision(precision.id()).threads(1).build()) {
      FabricSetup setup = setup(fabric);
      NDArray output = setup.block().forward(rows(fabric));
      assertThat(Casts.dataType(output)).isEqualTo(DataType.FLOAT32);
      double[] losses = train(fabric, setup, STEPS);
      assertThat(losses[STEPS - 1]).isLessThan(losses[0] / 4);
      for (Parameter parameter : setup.block().unwrap().getParameters().values()) {
        assertThat(Casts.dataType(parameter.getArray())).isEqualTo(type);
        assertThat(Casts.dataType(parameter.getArray().getGradient())).isEqualTo(type);
      }
      assertThat(moments(setup)).hasSize(8).containsOnly(type);
    }
  }

  /** The tolerances of weights below 1 are a few units in the last place of the type. */
  @ParameterizedTest
  @CsvSource({
    "32-true, ddp, 1e-6",
    "64-true, ddp, 1e-14",
    "16-true, ddp, 4e-3",
    "bf16-true, ddp, 1e-2",
    "bf16-mixed, ddp, 2e-3",
    "64-true, zero, 1e-14",
    "16-true, zero, 4e-3",
    "bf16-true, zero, 1e-2",
    "bf16-mixed, zero_stage_1, 2e-3"
  })
  void trainsOnTwoRanksAsOnOne(String precision, String strategy, double tolerance) {
    double[] single = weightsAfterTraining(precision, "auto", 1).get(0);
    List<double[]> ranks = weightsAfterTraining(precision, strategy, 2);
    assertThat(ranks.get(1)).isEqualTo(ranks.get(0));
    assertThat(difference(single, ranks.get(0))).isLessThan(tolerance);
  }

  private static List<double[]> weightsAfterTraining(String precision, String strategy, int ranks) {
    return Launch.onRanks(
        Fabric.builder().precision(precision).strategy(strategy),
        ranks,
        fabric -> {
          FabricSetup setup = setup(fabric);
          train(fabric, setup, STEPS);
          return weights(setup.block().unwrap());
        });
  }

  /** Shards of the optimizer's state become one file, which one rank loads. */
  @ParameterizedTest
  @ValueSource(strings = {"64-true", "16-true", "bf16-true", "bf16-mixed"})
  void continuesOnOneRankWhatTwoHaveSaved(String precision) throws IOException {
    String path = folder.resolve("sharded.safetensors").toString();
    double[] saved =
        Launch.onRanks(
                Fabric.builder().precision(precision).strategy("zero"),
                2,
                fabric -> {
                  FabricSetup setup = setup(fabric);
                  train(fabric, setup, 3);
                  fabric.save(path, state(setup));
                  return weights(setup.block().unwrap());
                })
            .get(0);
    assertThat(typesInFile(path)).containsOnly(type(Precision.of(precision)));
    try (Fabric fabric = Fabric.builder().precision(precision).threads(1).build()) {
      FabricSetup setup = setup(fabric);
      fabric.load(path, state(setup));
      assertThat(weights(setup.block().unwrap())).isEqualTo(saved);
      assertThat(moments(setup)).hasSize(8).containsOnly(type(Precision.of(precision)));
      assertThat(step(fabric, setup)).isFinite();
    }
  }

  @ParameterizedTest
  @EnumSource
  void continuesFromACheckpoint(Precision precision) throws IOException {
    String path = folder.resolve("state.safetensors").toString();
    try (Fabric fabric = Fabric.builder().precision(precision.id()).threads(1).build()) {
      FabricSetup first = setup(fabric);
      train(fabric, first, 3);
      fabric.save(path, state(first));
      assertThat(typesInFile(path)).containsOnly(type(precision));
      FabricSetup second = setup(fabric);
      fabric.load(path, state(second));
      assertThat(weights(second.block().unwrap())).isEqualTo(weights(first.block().unwrap()));
      train(fabric, first, 2);
      train(fabric, second, 2);
      assertThat(weights(second.block().unwrap())).isEqualTo(weights(first.block().unwrap()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void clipsGradients(Precision precision) {
    try (Fabric fabric = Fabric.builder().precision(precision.id()).threads(1).build()) {
      FabricSetup setup = setup(fabric);
      fabric.backward(loss(fabric, setup));
      double norm = fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(0.25));
      assertThat(norm).isGreaterThan(1);
      double clipped = fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(10));
      assertThat(clipped).isCloseTo(0.25, within(2e-3));
      fabric.clipGradients(setup.optimizer(), GradientClipping.byValue(0.0625));
      double largest =
          fabric.clipGradients(
              setup.optimizer(), GradientClipping.byNorm(10).normType(Double.POSITIVE_INFINITY));
      assertThat(largest).isEqualTo(0.0625);
      setup.optimizer().step();
    }
  }

  private static DataType type(Precision precision) {
    return precision.parameterType() == null ? DataType.FLOAT32 : precision.parameterType();
  }

  private static List<DataType> moments(FabricSetup setup) {
    return setup.optimizer().stateDict().values().stream()
        .filter(NDArray.class::isInstance)
        .map(value -> Casts.dataType((NDArray) value))
        .toList();
  }

  private static Set<DataType> typesInFile(String path) throws IOException {
    try (SafetensorsReader reader = new SafetensorsReader(new LocalCheckpointIO(), path)) {
      return reader.tensors().stream().map(TensorInfo::dataType).collect(Collectors.toSet());
    }
  }

  private static Map<String, Object> state(FabricSetup setup) {
    return new HashMap<>(Map.of("model", setup.block(), "optimizer", setup.optimizer()));
  }

  private static double[] train(Fabric fabric, FabricSetup setup, int steps) {
    return IntStream.range(0, steps).mapToDouble(i -> step(fabric, setup)).toArray();
  }

  private static double step(Fabric fabric, FabricSetup setup) {
    setup.optimizer().zeroGrad();
    try (NDArray loss = loss(fabric, setup)) {
      fabric.backward(loss);
      setup.optimizer().step();
      return loss.getFloat();
    }
  }

  private static NDArray loss(Fabric fabric, FabricSetup setup) {
    NDArray rows = rows(fabric);
    NDArray labels = rows.sum(new int[] {1}, true);
    return setup.block().forward(rows).sub(labels).square().mean();
  }

  /** Returns this rank's share of the rows. */
  private static NDArray rows(Fabric fabric) {
    NDArray all = values(fabric, new Shape(ROWS, COLUMNS), 2);
    int count = ROWS / fabric.worldSize();
    return all.get(fabric.globalRank() * count + ":" + (fabric.globalRank() + 1) * count);
  }

  private static NDArray values(Fabric fabric, Shape shape, double scale) {
    return fabric.manager().arange((float) shape.size()).add(1).sin().mul(scale).reshape(shape);
  }

  private static FabricSetup setup(Fabric fabric) {
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(Activation.reluBlock())
            .add(Linear.builder().setUnits(1).build());
    block.setInitializer(
        (manager, shape, type) -> values(fabric, shape, 0.4), Parameter::requiresGradient);
    return fabric.setup(
        block, new Shape(1, COLUMNS), AdamW.builder().learningRate(0.02).eps(1e-4).build());
  }

  private static double[] weights(Block block) {
    NDArray[] flat =
        block.getParameters().values().stream()
            .map(p -> Casts.toType(p.getArray(), DataType.FLOAT64).flatten())
            .toArray(NDArray[]::new);
    return NDArrays.concat(new NDList(flat)).toDoubleArray();
  }

  private static double difference(double[] first, double[] second) {
    return IntStream.range(0, first.length)
        .mapToDouble(i -> Math.abs(first[i] - second[i]))
        .max()
        .orElseThrow();
  }
}
