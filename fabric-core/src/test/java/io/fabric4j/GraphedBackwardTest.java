package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On CPUs, where every step runs call by call. */
@Timeout(60)
class GraphedBackwardTest {
  private static final Shape INPUT = new Shape(1, 1);

  private static FabricSetup setup(Fabric fabric) {
    fabric.seedEverything(3);
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(Activation::tanh)
            .add(Linear.builder().setUnits(1).build());
    return fabric.setup(block, INPUT, SGD.builder().learningRate(1e-3).build());
  }

  private static NDArray loss(FabricSetup setup, NDList data, NDList labels) {
    NDArray outputs = setup.block().forward(data.singletonOrThrow());
    NDArray error = outputs.sub(labels.singletonOrThrow().reshape(-1, 1));
    return error.mul(error).mean();
  }

  private static GraphedBackward graph(Fabric fabric, FabricSetup setup) {
    return fabric.graph((data, labels) -> loss(setup, data, labels));
  }

  /**
   * The losses of an epoch of shards of 12 and 5 rows on two ranks, and the gradients of each step.
   */
  private static ArrayList<float[]> train(Fabric fabric, boolean graphs) {
    FabricSetup setup = setup(fabric);
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(NumberedRows.shard(fabric.globalRank(), 12, 5)).batchSize(2));
    GraphedBackward graphed = graph(fabric, setup);
    ArrayList<float[]> results = new ArrayList<>();
    for (FabricBatch batch : loader) {
      setup.optimizer().zeroGrad();
      NDArray loss;
      if (graphs) {
        loss = graphed.backward(batch);
      } else {
        loss = loss(setup, batch.getData(), batch.getLabels());
        fabric.backward(loss);
      }
      results.add(loss.toFloatArray());
      results.add(ParameterVector.gradients(setup.block().unwrap()));
      setup.optimizer().step();
    }
    assertThat(graphed.isCaptured()).isFalse();
    return results;
  }

  /** With two ranks, the second has fillers from its fourth step of six on. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void computesWhatForwardAndBackwardCompute(int ranks) {
    List<ArrayList<float[]>> expected = Launch.onRanks(ranks, fabric -> train(fabric, false));
    List<ArrayList<float[]>> actual = Launch.onRanks(ranks, fabric -> train(fabric, true));
    for (int rank = 0; rank < ranks; rank++) {
      assertThat(actual.get(rank))
          .hasSize(12)
          .usingRecursiveComparison()
          .isEqualTo(expected.get(rank));
      for (int step = 0; step < 6; step++) {
        assertThat(actual.get(rank).get(2 * step + 1)).isEqualTo(actual.get(0).get(2 * step + 1));
      }
    }
  }

  /** The last batch of rank 1's loader was a filler; what comes after counts in full again. */
  @Test
  void countsArraysAfterTheLoaderInFull() {
    List<float[]> gradients =
        Launch.onRanks(
            2,
            fabric -> {
              FabricSetup setup = setup(fabric);
              FabricDataLoader loader =
                  fabric.setupDataloaders(
                      FabricDataLoader.of(NumberedRows.shard(fabric.globalRank(), 4, 2))
                          .batchSize(2));
              GraphedBackward graphed = graph(fabric, setup);
              boolean filler = false;
              for (FabricBatch batch : loader) {
                graphed.backward(batch);
                filler = batch.isFiller();
              }
              assertThat(filler).isEqualTo(fabric.globalRank() == 1);
              setup.optimizer().zeroGrad();
              NDArray row = fabric.manager().full(INPUT, 1f + fabric.globalRank());
              graphed.backward(new NDList(row), new NDList(row));
              return ParameterVector.gradients(setup.block().unwrap());
            });
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = setup(fabric);
      NDList rows = new NDList(fabric.manager().create(new float[] {1, 2}, new Shape(2, 1)));
      fabric.backward(loss(setup, rows, rows));
      float[] expected = ParameterVector.gradients(setup.block().unwrap());
      assertThat(gradients)
          .allSatisfy(
              rank -> assertThat(ParameterVector.distance(rank, expected)).isLessThan(1e-6));
    }
  }

  @Test
  void addsToEarlierGradients() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = setup(fabric);
      GraphedBackward graphed = graph(fabric, setup);
      NDList row = new NDList(fabric.manager().ones(INPUT));
      graphed.backward(row, row);
      float[] once = ParameterVector.gradients(setup.block().unwrap());
      graphed.backward(row, row);
      float[] twice = ParameterVector.gradients(setup.block().unwrap());
      for (int i = 0; i < once.length; i++) {
        assertThat(twice[i]).isEqualTo(2 * once[i]);
      }
    }
  }

  @Test
  void closesTwiceAndGoesOn() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = setup(fabric);
      GraphedBackward graphed = graph(fabric, setup);
      NDList row = new NDList(fabric.manager().ones(INPUT));
      float before = graphed.backward(row, row).getFloat();
      graphed.close();
      graphed.close();
      assertThat(graphed.backward(row, row).getFloat()).isEqualTo(before);
      assertThat(graphed.isCaptured()).isFalse();
      assertThat(graphed).hasToString("the CUDA graph of a step");
    }
  }

  @Test
  void passesAFailureOfTheFunctionOn() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = setup(fabric);
      RuntimeException failure = new IllegalArgumentException("no loss");
      GraphedBackward failing =
          fabric.graph(
              (data, labels) -> {
                throw failure;
              });
      NDList row = new NDList(fabric.manager().ones(INPUT));
      assertThatThrownBy(() -> failing.backward(row, row)).isSameAs(failure);
      assertThat(graph(fabric, setup).backward(row, row).getFloat()).isFinite();
    }
  }
}
