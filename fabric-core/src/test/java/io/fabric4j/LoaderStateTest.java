package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.distributed.DistributedSampler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The position of a data loader in a checkpoint. */
@Timeout(60)
class LoaderStateTest {

  private static FabricDataLoader setUp(Fabric fabric, long seed) {
    return fabric.setupDataloaders(
        FabricDataLoader.of(new NumberedRows(0, 60)).batchSize(4).shuffle(true).seed(seed));
  }

  private static Map<String, Object> state(int ranks, long step) {
    return new TreeMap<>(
        Map.of(
            "epoch",
            2,
            "batch",
            step,
            "batch_size",
            4,
            "world_size",
            ranks,
            "seed",
            5,
            "rows",
            List.of()));
  }

  /** 3 ranks took 3 steps of 12 rows, and the others continue after full steps of their own. */
  @ParameterizedTest
  @CsvSource({"1, 36", "2, 32", "3, 36"})
  void continuesTheEpochWithAnotherWorldSize(int ranks, int consumed) {
    List<ArrayList<Integer>> shards =
        Launch.onRanks(
            ranks,
            fabric -> {
              FabricDataLoader loader = setUp(fabric, 5);
              loader.loadStateDict(state(3, 3));
              assertThat(loader.epoch()).isEqualTo(2);
              return new ArrayList<>(
                  NumberedRows.epoch(loader).stream().flatMap(List::stream).toList());
            });
    long[] order = DistributedSampler.builder(60).seed(5).build().indices(2);
    for (int i = 0; i < 60 - consumed; i++) {
      assertThat(shards.get(i % ranks).get(i / ranks)).isEqualTo((int) order[consumed + i]);
    }
  }

  @Test
  void endsAnEpochWhoseRowsAreAllConsumed() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader loader = setUp(fabric, 5);
      loader.loadStateDict(state(9, 2));
      assertThat(NumberedRows.epoch(loader)).isEmpty();
      assertThat(loader.epoch()).isEqualTo(3);
      assertThat(NumberedRows.epoch(loader)).hasSize(15);
    }
  }

  @Test
  void continuesInTheSavedOrder() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader first = setUp(fabric, -7);
      FabricDataLoader second = setUp(fabric, 8);
      second.loadStateDict(first.stateDict());
      assertThat(NumberedRows.epoch(second)).isEqualTo(NumberedRows.epoch(first));
    }
  }

  @Test
  void rejectsOtherStates() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader loader = setUp(fabric, 0);
      expect(loader, "epoch", -1, "epoch is -1, but has to be a whole number from 0");
      expect(loader, "batch", "x", "batch is x, but has to be a whole number from 0");
      expect(loader, "batch_size", 0, "batch_size is 0, but has to be a whole number from 1");
      expect(loader, "seed", null, "seed is null, but has to be a whole number");
      expect(loader, "rows", 3, "rows is 3, but has to be lists of int64");
      expect(loader, "rows", List.of(3), "rows is 3, but has to be lists of int64");
      assertThat(loader.epoch()).isZero();
    }
  }

  private static void expect(FabricDataLoader loader, String name, Object value, String message) {
    Map<String, Object> state = new HashMap<>(state(1, 1));
    state.put(name, value);
    assertThatThrownBy(() -> loader.checkStateDict(state))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The checkpoint does not fit: the data loader's "
                + message
                + ". Load the state of a data loader.");
  }
}
