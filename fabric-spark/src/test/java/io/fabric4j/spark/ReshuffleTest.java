package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that change their rank from epoch to epoch. */
@Timeout(120)
class ReshuffleTest extends SparkTest {
  private static final List<Integer> SIZES = List.of(3, 0, 5000);
  private static final int ROWS = 5003;
  private static final int EPOCHS = 3;
  private static final int WIDTH = 4096;

  /** Rows of 16 KiB, so that an exchange takes several rounds. */
  private static ArrayList<ArrayList<ArrayList<Long>>> epochs(String memoryBudget) {
    return SparkFabric.builder(spark)
        .numWorkers(3)
        .memoryBudget(memoryBudget)
        .input("train", shards(), ReshuffleTest::map)
        .build()
        .launch(
            (fabric, shards) ->
                new ArrayList<>(
                    fabric.processGroup().allGatherObject(epochs(fabric, shards.get("train")))));
  }

  private static JavaRDD<Long> shards() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, SIZES.size()).boxed().toList(), SIZES.size())
        .flatMap(
            rank -> {
              long first = SIZES.subList(0, rank).stream().mapToInt(size -> size).sum();
              return IntStream.range(0, SIZES.get(rank)).mapToObj(row -> first + row).iterator();
            });
  }

  private static void map(Long id, RowWriter row) {
    int[] filling = new int[WIDTH];
    filling[WIDTH - 1] = (int) (7 * id);
    row.put("id", id).put("filling", filling);
  }

  /** Returns this rank's ids of each epoch. */
  private static ArrayList<ArrayList<Long>> epochs(Fabric fabric, Shard shard) {
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shard.dataset(List.of("id", "filling"), List.of()))
                .batchSize(100)
                .reshuffleEachEpoch(true)
                .seed(11));
    ArrayList<ArrayList<Long>> epochs = new ArrayList<>();
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      epochs.add(new ArrayList<>());
      for (FabricBatch batch : loader) {
        assertThat(batch.isFiller()).isFalse();
        long[] ids = batch.getData().get(0).toLongArray();
        int[] filling = batch.getData().get(1).toIntArray();
        for (int i = 0; i < ids.length; i++) {
          assertThat(filling[WIDTH * i + WIDTH - 1]).isEqualTo(7 * (int) ids[i]);
          epochs.get(epoch).add(ids[i]);
        }
      }
    }
    return epochs;
  }

  @ParameterizedTest
  @ValueSource(strings = {"1g", "1m"})
  void visitsEachRowOnceOnAnotherRankInEachEpoch(String memoryBudget) {
    ArrayList<ArrayList<ArrayList<Long>>> ofRanks = epochs(memoryBudget);

    for (int i = 0; i < EPOCHS; i++) {
      int epoch = i;
      assertThat(ofRanks)
          .allSatisfy(rank -> assertThat(rank.get(epoch)).hasSizeBetween(1667, 1668));
      assertThat(ofRanks.stream().flatMap(rank -> rank.get(epoch).stream()).sorted())
          .isEqualTo(IntStream.range(0, ROWS).mapToObj(Long::valueOf).toList());
    }
    for (ArrayList<ArrayList<Long>> rank : ofRanks) {
      HashSet<Long> stayed = new HashSet<>(rank.get(0));
      stayed.retainAll(rank.get(1));
      assertThat(stayed).hasSizeBetween(400, 700); // a third of a third
    }
  }

  @Test
  void repeatsWhateverTheBudget() {
    assertThat(epochs("1m")).isEqualTo(epochs("512m"));
  }
}
