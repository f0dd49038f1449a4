package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.SequenceSampler;
import io.fabric4j.distributed.DistributedSampler;
import io.fabric4j.distributed.ShardedDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Options of loaders over shards of unequal length. */
@Timeout(60)
class ShardedDataLoaderTest {

  /** Returns the batches of an epoch's rank, by rank and epoch. */
  private static List<ArrayList<List<List<Integer>>>> epochs(
      int epochs, UnaryOperator<FabricDataLoader> options, int... sizes) {
    return Launch.onRanks(
        sizes.length,
        fabric -> {
          FabricDataLoader loader = loader(fabric, options, sizes);
          ArrayList<List<List<Integer>>> result = new ArrayList<>();
          for (int epoch = 0; epoch < epochs; epoch++) {
            result.add(NumberedRows.epoch(loader));
          }
          return result;
        });
  }

  private static FabricDataLoader loader(
      Fabric fabric, UnaryOperator<FabricDataLoader> options, int... sizes) {
    NumberedRows shard = NumberedRows.shard(fabric.globalRank(), sizes);
    return fabric.setupDataloaders(options.apply(FabricDataLoader.of(shard).batchSize(2)));
  }

  private static List<List<Integer>> first(List<ArrayList<List<List<Integer>>>> epochs, int rank) {
    return epochs.get(rank).get(0);
  }

  @Test
  void padsShorterShardsWithTheirOwnRows() {
    List<ArrayList<List<List<Integer>>>> epochs =
        epochs(1, loader -> loader.padding(true), 0, 2, 5);

    assertThat(first(epochs, 0)).containsExactly(List.of(), List.of(), List.of());
    assertThat(first(epochs, 1)).containsExactly(List.of(0, 1), List.of(0, 1), List.of(0));
    assertThat(first(epochs, 2)).containsExactly(List.of(2, 3), List.of(4, 5), List.of(6));
  }

  @Test
  void padsInTheShuffledOrder() {
    List<List<Integer>> batches =
        first(epochs(1, loader -> loader.padding(true).shuffle(true), 3, 6), 0);

    List<Integer> rows = batches.stream().flatMap(List::stream).toList();
    assertThat(rows.subList(0, 3)).containsExactlyInAnyOrder(0, 1, 2);
    assertThat(rows.subList(3, 6)).isEqualTo(rows.subList(0, 3));
  }

  @Test
  void dropsWhatDoesNotFillABatchOnEveryRank() {
    List<ArrayList<List<List<Integer>>>> epochs =
        epochs(1, loader -> loader.dropLast(true), 3, 5, 7);

    assertThat(first(epochs, 0)).containsExactly(List.of(0, 1));
    assertThat(first(epochs, 1)).containsExactly(List.of(3, 4));
    assertThat(first(epochs, 2)).containsExactly(List.of(8, 9));
  }

  @Test
  void rejectsDroppingAllRows() {
    assertThatThrownBy(() -> epochs(1, loader -> loader.dropLast(true), 1, 9))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "dropLast leaves no batch: the ranks have [1, 9] rows, and with batches of 2 the"
                + " shortest fills none. Use padding, a smaller batch size, or neither: then ranks"
                + " without rows wait with fillers.");
    assertThat(first(epochs(1, loader -> loader.dropLast(true).padding(true), 1, 9), 0))
        .containsExactly(List.of(0, 0), List.of(0, 0), List.of(0, 0), List.of(0, 0));
  }

  @Test
  void shufflesWithinAShardBySeedAndEpoch() {
    UnaryOperator<FabricDataLoader> seeded = loader -> loader.shuffle(true).seed(5);
    ArrayList<List<List<Integer>>> epochs = epochs(2, seeded, 40, 9).get(0);

    assertThat(epochs.get(0)).isNotEqualTo(epochs.get(1));
    assertThat(epochs(2, seeded, 40, 9).get(0)).isEqualTo(epochs);
    assertThat(epochs(1, loader -> loader.shuffle(true).seed(6), 40, 9).get(0).get(0))
        .isNotEqualTo(epochs.get(0));
  }

  @Test
  void reshufflesTheRowsOfAllRanksBeforeEachEpoch() {
    UnaryOperator<FabricDataLoader> options = loader -> loader.reshuffleEachEpoch(true).seed(5);
    List<ArrayList<List<List<Integer>>>> epochs = epochs(3, options, 0, 4, 51);

    for (int epoch = 0; epoch < 3; epoch++) {
      long[] order = DistributedSampler.builder(55).seed(5).build().indices(epoch);
      for (int rank = 0; rank < 3; rank++) {
        int own = rank;
        assertThat(epochs.get(rank).get(epoch).stream().flatMap(List::stream))
            .containsExactlyElementsOf(
                IntStream.range(0, 55)
                    .filter(position -> position % 3 == own)
                    .mapToObj(position -> (int) order[position])
                    .toList());
      }
    }
    assertThat(new HashSet<>(epochs.get(0).get(0)))
        .doesNotContainAnyElementsOf(epochs.get(0).get(1));
    assertThat(epochs(3, options, 0, 4, 51)).isEqualTo(epochs);
  }

  @Test
  void reshufflesFewerRowsThanRanks() {
    List<ArrayList<List<List<Integer>>>> epochs =
        epochs(1, loader -> loader.reshuffleEachEpoch(true), 0, 2, 0);

    assertThat(epochs.stream().flatMap(e -> e.get(0).stream()).flatMap(List::stream))
        .containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void resumesAReshuffledEpoch() {
    UnaryOperator<FabricDataLoader> options =
        loader -> loader.reshuffleEachEpoch(true).seed(7).padding(true);
    List<ArrayList<List<List<Integer>>>> whole = epochs(3, options, 5, 30);

    List<ArrayList<List<List<Integer>>>> resumed =
        Launch.onRanks(
            2,
            fabric -> {
              FabricDataLoader stopped = loader(fabric, options, 5, 30);
              NumberedRows.epoch(stopped);
              stopped.iterator().next();
              Map<String, Object> state = stopped.stateDict();
              FabricDataLoader loader =
                  loader(fabric, other -> options.apply(other).seed(99), 5, 30);
              loader.loadStateDict(state);
              return new ArrayList<>(
                  Arrays.asList(NumberedRows.epoch(loader), NumberedRows.epoch(loader)));
            });

    for (int rank = 0; rank < 2; rank++) {
      List<List<Integer>> second = whole.get(rank).get(1);
      assertThat(resumed.get(rank).get(0)).isEqualTo(second.subList(1, second.size()));
      assertThat(resumed.get(rank).get(1)).isEqualTo(whole.get(rank).get(2));
    }
  }

  @Test
  void reshufflesShardsThatCanExchangeRowsOnly() {
    FabricDataLoader rows = FabricDataLoader.of(new NumberedRows(0, 4)).reshuffleEachEpoch(true);
    FabricDataLoader rigid = FabricDataLoader.of(new Rigid()).reshuffleEachEpoch(true);
    Launch.onRanks(
        2,
        fabric -> {
          assertThatThrownBy(() -> fabric.setupDataloaders(rows))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  "reshuffleEachEpoch is for shards, but io.fabric4j.NumberedRows is not a"
                      + " ShardedDataset. shuffle(true) distributes its rows anew in each epoch.");
          FabricDataLoader loader = fabric.setupDataloaders(rigid);
          assertThatThrownBy(loader::iterator)
              .isInstanceOf(UnsupportedOperationException.class)
              .hasMessageEndingWith(
                  "Rigid cannot exchange rows between ranks. Leave reshuffleEachEpoch out, or"
                      + " implement ShardedDataset.reshuffle.");
          return 0;
        });
    assertThatThrownBy(() -> rows.sampler(new BatchSampler(new SequenceSampler(), 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The data loader has reshuffleEachEpoch(true) and a sampler, but either sets the order"
                + " of the rows. Leave one out.");
  }

  @Test
  void preparesBatchesOfAShardInAFileAhead() {
    Launch.onRanks(
        1,
        fabric -> {
          FabricDataLoader loader = FabricDataLoader.of(new OnDisk());
          assertThat(fabric.setupDataloaders(loader).prefetch()).isEqualTo(2);
          assertThat(fabric.setupDataloaders(loader.prefetch(0)).prefetch()).isZero();
          assertThat(fabric.setupDataloaders(FabricDataLoader.of(new Rigid())).prefetch()).isZero();
          return 0;
        });
  }

  private static final class OnDisk extends NumberedRows implements ShardedDataset {
    OnDisk() {
      super(0, 4);
    }

    @Override
    public boolean isOnDisk() {
      return true;
    }
  }

  /** A shard without an exchange. */
  private static final class Rigid extends NumberedRows implements ShardedDataset {
    Rigid() {
      super(0, 4);
    }
  }
}
