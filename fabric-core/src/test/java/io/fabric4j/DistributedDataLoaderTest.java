package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.fabric4j.distributed.DistributedSampler;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DistributedDataLoaderTest {

  /** A step of one rank. */
  private record Step(ArrayList<Integer> rows, double weight, boolean filler, int size)
      implements Serializable {
    static Step of(FabricBatch batch) {
      return new Step(
          new ArrayList<>(NumberedRows.numbers(batch)),
          batch.weight(),
          batch.isFiller(),
          batch.getSize());
    }
  }

  private static ArrayList<Step> epoch(FabricDataLoader loader) {
    ArrayList<Step> steps = new ArrayList<>();
    for (FabricBatch batch : loader) {
      steps.add(Step.of(batch));
    }
    assertThat(loader.length()).isEqualTo(steps.size());
    return steps;
  }

  private static List<Integer> rows(List<Step> steps) {
    return steps.stream().flatMap(step -> step.rows().stream()).toList();
  }

  @ParameterizedTest
  @CsvSource({"true, 2, 20", "true, 3, 20", "false, 3, 20", "false, 4, 3"})
  void takesTheRowsOfTheSampler(boolean shuffle, int ranks, int size) {
    List<ArrayList<ArrayList<Step>>> result =
        Launch.onRanks(
            ranks,
            fabric -> {
              FabricDataLoader loader =
                  FabricDataLoader.of(new NumberedRows(0, size)).batchSize(4).shuffle(shuffle);
              FabricDataLoader own = fabric.setupDataloaders(loader.seed(11));
              return new ArrayList<>(List.of(epoch(own), epoch(own)));
            });
    for (int rank = 0; rank < ranks; rank++) {
      DistributedSampler.Builder builder =
          DistributedSampler.builder(size).replicas(ranks).rank(rank).seed(11);
      DistributedSampler sampler = shuffle ? builder.build() : builder.sequential().build();
      for (int epoch = 0; epoch < 2; epoch++) {
        List<Step> steps = result.get(rank).get(epoch);
        long[] order = sampler.indices(epoch);
        assertThat(rows(steps)).isEqualTo(Arrays.stream(order).mapToObj(r -> (int) r).toList());
        assertThat(steps)
            .allSatisfy(step -> assertThat(step.weight()).isEqualTo(1.0 / ranks))
            .noneMatch(Step::filler);
      }
    }
  }

  @Test
  void dropsTheLastRowsOnEveryRank() {
    List<ArrayList<Step>> result =
        Launch.onRanks(
            2,
            fabric ->
                epoch(
                    fabric.setupDataloaders(
                        FabricDataLoader.of(new NumberedRows(0, 11)).batchSize(4).dropLast(true))));
    assertThat(rows(result.get(0))).containsExactly(0, 2, 4, 6);
    assertThat(rows(result.get(1))).containsExactly(1, 3, 5, 7);
  }

  @Test
  void iteratesTheWholeDatasetWithoutASampler() {
    List<ArrayList<Step>> result =
        Launch.onRanks(
            2,
            fabric ->
                epoch(
                    fabric.setupDataloaders(
                        FabricDataLoader.of(new NumberedRows(0, 5))
                            .batchSize(4)
                            .useDistributedSampler(false))));
    assertThat(result).allSatisfy(steps -> assertThat(rows(steps)).containsExactly(0, 1, 2, 3, 4));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void visitsEachRowOfUnevenShardsOnce(boolean shuffle) {
    int[] sizes = {0, 1, 7, 1000};
    List<ArrayList<Step>> result =
        Launch.onRanks(
            4,
            fabric ->
                epoch(
                    fabric.setupDataloaders(
                        FabricDataLoader.of(NumberedRows.shard(fabric.globalRank(), sizes))
                            .batchSize(8)
                            .shuffle(shuffle))));
    assertThat(result.stream().flatMap(steps -> rows(steps).stream()))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 1008).boxed().toList());
    for (int rank = 0; rank < 4; rank++) {
      List<Step> steps = result.get(rank);
      assertThat(steps).hasSize(125);
      assertThat(rows(steps)).hasSize(sizes[rank]);
      int filled = (sizes[rank] + 7) / 8;
      assertThat(steps.subList(0, filled)).noneMatch(Step::filler);
      assertThat(steps.subList(filled, 125))
          .allSatisfy(
              step -> {
                assertThat(step.filler()).isTrue();
                assertThat(step.weight()).isZero();
                assertThat(step.size()).isZero();
              });
    }
    for (int i = 0; i < 125; i++) {
      int step = i;
      assertThat(result.stream().mapToDouble(steps -> steps.get(step).weight()).sum())
          .isCloseTo(1, within(1e-12));
    }
    assertThat(result.get(2).get(0).weight()).isEqualTo(7.0 / 16);
  }

  @Test
  void givesARankWithoutRowsArraysOfTheOthersShape() {
    List<String> shapes =
        Launch.onRanks(
            2,
            fabric -> {
              NumberedRows rows = NumberedRows.shard(fabric.globalRank(), 0, 3);
              FabricBatch batch =
                  fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(2)).iterator().next();
              NDArray data = batch.getData().singletonOrThrow();
              return data.getDataType() + " " + data.getShape() + " " + batch.getLabels().size();
            });
    assertThat(shapes).containsExactly("float32 (2, 1) 1", "float32 (2, 1) 1");
  }

  @Test
  void iteratesOverEmptyShards() {
    List<Integer> steps =
        Launch.onRanks(
            2,
            fabric ->
                epoch(fabric.setupDataloaders(FabricDataLoader.of(NumberedRows.shard(0, 0))))
                    .size());
    assertThat(steps).containsExactly(0, 0);
  }

  @ParameterizedTest
  @CsvSource({"20, 21, 4, 4", "20, 20, 4, 5"})
  void rejectsDifferentLoadersOnAllRanks(int rows0, int rows1, int batch0, int batch1) {
    List<String> messages =
        Launch.onRanks(
            2,
            fabric -> {
              boolean zero = fabric.isGlobalZero();
              try {
                fabric.setupDataloaders(
                    FabricDataLoader.of(new NumberedRows(0, zero ? rows0 : rows1))
                        .batchSize(zero ? batch0 : batch1));
                return "no error";
              } catch (IllegalStateException e) {
                return e.getMessage();
              }
            });
    assertThat(messages)
        .hasSize(2)
        .allSatisfy(
            message ->
                assertThat(message)
                    .startsWith("Ranks set up different data loaders: rank 0 has Rows[dataset=20")
                    .contains(" and rank 1 has Rows[dataset=" + rows1)
                    .endsWith(
                        "Give every rank the same dataset and batch size, or a shard of its own."));
  }
}
