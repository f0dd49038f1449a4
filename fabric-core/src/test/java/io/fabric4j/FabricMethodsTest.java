package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The methods in the order of Lightning Fabric's page on them, and what it promises of each; {@code
 * no_backward_sync} is in {@link NoBackwardSyncTest}.
 */
@Timeout(60)
class FabricMethodsTest {
  static final int RANKS = 3;
  static final OptimizerConfig OPTIMIZER = SGD.builder().learningRate(0.001).build();
  static final Shape INPUT = new Shape(1, 32);

  @TempDir private Path folder;

  static Block model() {
    return Linear.builder().setUnits(64).build();
  }

  static NDArray weight(FabricSetup setup) {
    return setup.block().unwrap().getParameters().get("weight").getArray();
  }

  /** Runs code as this rank in a Fabric with another group and output. */
  static <R> R asRank(Fabric fabric, ProcessGroup group, RankOutput output, FabricFunction<R> code)
      throws Exception {
    return RankRunner.run(
        Fabric.builder().threads(1).options(),
        fabric.rank(),
        group,
        new LocalCheckpointIO(),
        output,
        code);
  }

  @Test
  void setupGivesAllRanksTheSameModelOnTheirDevice() {
    List<float[]> weights =
        Launch.onRanks(
            RANKS,
            fabric -> {
              FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
              assertThat(weight(setup).getDevice()).isEqualTo(fabric.device());
              assertThat(setup.optimizer().learningRate(0)).isEqualTo(0.001);
              NDArray output = setup.block().forward(fabric.manager().ones(new Shape(5, 32)));
              assertThat(output.getShape()).isEqualTo(new Shape(5, 64));
              return weight(setup).toFloatArray();
            });
    assertThat(weights).containsOnly(weights.get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "32-true,FLOAT32,FLOAT32",
    "64-true,FLOAT64,FLOAT64",
    "bf16-mixed,FLOAT32,BFLOAT16",
    "bf16-true,BFLOAT16,BFLOAT16"
  })
  void setupCastsForwardToThePrecision(String precision, DataType parameters, DataType compute) {
    List<DataType> seen = new ArrayList<>();
    try (Fabric fabric = Fabric.builder().precision(precision).build()) {
      Block linear = model();
      Block model =
          new SequentialBlock()
              .add(linear)
              .addSingleton(
                  hidden -> {
                    seen.add(Casts.dataType(hidden));
                    return hidden;
                  });
      FabricBlock block = fabric.setup(model, INPUT, OPTIMIZER).block();
      seen.clear();
      NDArray output = block.forward(fabric.manager().ones(INPUT));
      assertThat(Casts.dataType(linear.getParameters().get("weight").getArray()))
          .isEqualTo(parameters);
      assertThat(seen).containsExactly(compute);
      assertThat(Casts.dataType(output)).isEqualTo(DataType.FLOAT32);
    }
  }

  @Test
  void setupDataloadersShareOutTheRowsOfSeveralLoaders() {
    List<ArrayList<List<Integer>>> rows =
        Launch.onRanks(
            RANKS,
            fabric -> {
              List<FabricDataLoader> loaders =
                  fabric.setupDataloaders(loader(0, 12).shuffle(true), loader(100, 6));
              return new ArrayList<>(
                  List.of(rows(fabric, loaders.get(0)), rows(fabric, loaders.get(1))));
            });
    assertThat(rows).allSatisfy(rank -> assertThat(rank.get(0)).hasSize(4));
    assertThat(rows.stream().flatMap(rank -> rank.get(0).stream()))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 12).boxed().toList());
    assertThat(rows.stream().flatMap(rank -> rank.get(1).stream()))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(100, 106).boxed().toList());
  }

  @Test
  void setupDataloadersLeaveSamplerAndDeviceAloneOnRequest() {
    List<ArrayList<Integer>> rows =
        Launch.onRanks(
            RANKS,
            fabric ->
                rows(
                    fabric,
                    fabric.setupDataloaders(
                        loader(0, 6).moveToDevice(false).useDistributedSampler(false))));
    assertThat(rows).containsOnly(new ArrayList<>(List.of(0, 1, 2, 3, 4, 5)));
  }

  private static FabricDataLoader loader(int first, int rows) {
    return FabricDataLoader.of(new NumberedRows(first, rows)).batchSize(2);
  }

  private static ArrayList<Integer> rows(Fabric fabric, FabricDataLoader loader) {
    ArrayList<Integer> rows = new ArrayList<>();
    for (FabricBatch batch : loader) {
      assertThat(batch.getData().head().getDevice()).isEqualTo(fabric.device());
      rows.addAll(NumberedRows.numbers(batch));
    }
    return rows;
  }

  /** The loss of rank r has the gradient r + 1. */
  static void backward(Fabric fabric, FabricSetup setup) {
    NDArray input = fabric.manager().full(INPUT, fabric.globalRank() + 1f);
    fabric.backward(setup.block().forward(input).sum());
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,2"})
  void backwardAveragesTheGradientsOfAllRanks(int ranks, float mean) {
    List<float[]> gradients =
        Launch.onRanks(
            ranks,
            fabric -> {
              FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
              backward(fabric, setup);
              return weight(setup).getGradient().toFloatArray();
            });
    assertThat(gradients).allSatisfy(rank -> assertThat(rank).containsOnly(mean));
  }

  @Test
  void toDeviceReturnsWhatIsThereAlready() {
    try (Fabric fabric = Fabric.builder().build()) {
      NDArray array = fabric.manager().ones(INPUT);
      assertThat(fabric.toDevice(array)).isSameAs(array);
      NDList moved = fabric.toDevice(new NDList(array, array.add(1)));
      assertThat(moved.get(0)).isSameAs(array);
      assertThat(moved.get(1).getDevice()).isEqualTo(fabric.device());
    }
  }

  @Test
  void toDeviceLeavesABlockThatIsThere() {
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = fabric.initModule(model(), INPUT);
      NDArray weight = block.getParameters().get("weight").getArray();
      assertThat(fabric.toDevice(block)).isSameAs(block);
      assertThat(block.getParameters().get("weight").getArray()).isSameAs(weight);
      Block empty = model();
      assertThat(fabric.toDevice(empty).isInitialized()).isFalse();
    }
  }

  @Test
  void toDeviceRefusesABlockThatWasSetUp() {
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = model();
      fabric.setup(block, INPUT, OPTIMIZER);
      assertThatThrownBy(() -> fabric.toDevice(block))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "This block has been set up already. Use what the first setup returned, or"
                  + " setupOptimizers to add optimizers to a block that was set up without.");
    }
  }

  @Test
  void seedEverythingRepeatsRandomNumbersModelsAndOrders() {
    try (Fabric fabric = Fabric.builder().build()) {
      assertThat(fabric.seedEverything(1234)).isEqualTo(1234);
      assertThat(random(1234)).isEqualTo(random(1234)).isNotEqualTo(random(1235));
    }
  }

  private static List<Object> random(long seed) {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(seed);
      NDArray numbers = fabric.manager().randomNormal(new Shape(3));
      FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
      FabricDataLoader loader = fabric.setupDataloaders(loader(0, 20).shuffle(true));
      return List.of(
          List.of(numbers.toArray()), List.of(weight(setup).toArray()), rows(fabric, loader));
    }
  }

  @Test
  void autocastCoversOperationsOutsideForward() {
    try (Fabric fabric = Fabric.builder().precision("bf16-mixed").build()) {
      FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
      NDArray output = setup.block().forward(fabric.manager().ones(INPUT));
      NDArray projection = fabric.manager().ones(new Shape(64, 1));
      assertThat(Casts.dataType(output.matMul(projection))).isEqualTo(DataType.FLOAT32);
      try (Autocasting autocast = fabric.autocast()) {
        NDArray loss = output.matMul(projection);
        assertThat(Casts.dataType(loss)).isEqualTo(DataType.BFLOAT16);
        fabric.backward(loss);
      }
      assertThat(Casts.dataType(output.matMul(projection))).isEqualTo(DataType.FLOAT32);
      assertThat(weight(setup).getGradient().toFloatArray()).containsOnly(1);
    }
  }

  @Test
  void printsOnRankZeroOnly() {
    List<String> lines = new CopyOnWriteArrayList<>();
    Launch.onRanks(
        RANKS,
        fabric ->
            asRank(
                fabric,
                fabric.processGroup(),
                lines::add,
                rank -> {
                  rank.print("1/10| Train Epoch Loss: " + (0.5 + rank.globalRank()));
                  return true;
                }));
    assertThat(lines).containsExactly("1/10| Train Epoch Loss: 0.5");
  }

  @Test
  void savesOneFileThatEveryRankLoads() {
    String path = folder.resolve("checkpoint.ckpt").toString();
    List<float[][]> weights =
        Launch.onRanks(
            RANKS,
            fabric -> {
              FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
              float[] saved = weight(setup).toFloatArray();
              fabric.save(path, setup.block().stateDict());
              NDArray read = (NDArray) fabric.load(path).get("weight");
              FabricSetup other = fabric.setup(model(), INPUT, OPTIMIZER);
              fabric.load(path, new HashMap<>(other.block().stateDict()));
              return new float[][] {saved, read.toFloatArray(), weight(other).toFloatArray()};
            });
    assertThat(folder).isDirectoryContaining("glob:**checkpoint.ckpt");
    assertThat(folder.toFile().list()).hasSize(1);
    assertThat(weights)
        .allSatisfy(rank -> assertThat(List.of(rank)).containsOnly(weights.get(0)[0]));
  }

  @Test
  void barrierLetsRanksWaitForADownload() {
    Path download = folder.resolve("data");
    List<String> read =
        Launch.onRanks(
            RANKS,
            fabric -> {
              if (fabric.globalRank() == 0) {
                Thread.sleep(200);
                Files.writeString(download, "rows");
              }
              fabric.barrier();
              return Files.readString(download);
            });
    assertThat(read).isEqualTo(Collections.nCopies(RANKS, "rows"));
  }

  /** Hooks of a user. */
  private static final class MyCallback {
    private final List<Object> calls = new ArrayList<>();

    void onTrainStart() {
      calls.add("start");
    }

    void onTrainEpochEnd(FabricBlock model, Map<String, Double> results) {
      calls.add(model);
      calls.add(results);
    }
  }

  @Test
  void callRunsHooksByName() throws IOException {
    MyCallback callback = new MyCallback();
    try (Fabric fabric = Fabric.builder().callbacks(callback, new Object()).build()) {
      FabricBlock block = fabric.setup(model(), INPUT, OPTIMIZER).block();
      fabric.call("onTrainStart");
      Map<String, Double> results = Map.of("accuracy", 0.9);
      fabric.callWithKeywords(
          "onTrainEpochEnd", Map.of("model", block, "results", results, "epoch", 3));
      fabric.call("undefined");
      fabric.call("undefined", 1, "two");
      assertThat(callback.calls).containsExactly("start", block, results);
    }
  }
}
