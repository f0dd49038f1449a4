package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data loaders in the order of a DJL sampler. */
@Timeout(60)
class SampledDataLoaderTest {
  @TempDir private Path folder;

  /** A sampler without a batch size. */
  private interface Order extends Sampler {
    @Override
    default int getBatchSize() {
      return -1;
    }
  }

  /** Draws rows with replacement, and remembers what it drew. */
  private static final class Draws implements Order {
    private final Random random;
    private final int count;
    private final List<List<Integer>> drawn = Collections.synchronizedList(new ArrayList<>());

    Draws(long seed, int count) {
      random = new Random(seed);
      this.count = count;
    }

    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
      List<Long> rows = random.longs(count, 0, dataset.size()).boxed().toList();
      drawn.add(rows.stream().map(Long::intValue).toList());
      return List.of(rows.subList(0, 1), rows.subList(1, count)).iterator();
    }
  }

  private static Order of(Iterable<List<Long>> batches) {
    return dataset -> batches.iterator();
  }

  private static FabricDataLoader loader(Sampler sampler) {
    return FabricDataLoader.of(new NumberedRows(0, 20)).batchSize(4).sampler(sampler);
  }

  private static ArrayList<Integer> rows(FabricDataLoader loader) {
    return new ArrayList<>(NumberedRows.epoch(loader).stream().flatMap(List::stream).toList());
  }

  /** Returns the list that the shards make up, without what fills up the end. */
  private static List<Integer> united(List<? extends List<Integer>> shards, int count) {
    List<Integer> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(shards.get(i % shards.size()).get(i / shards.size()));
    }
    return list;
  }

  @ParameterizedTest
  @CsvSource({"1, 17", "2, 17", "3, 17", "3, 18", "3, 2"})
  void sharesOutTheListOfRankZero(int ranks, int count) {
    List<Draws> samplers =
        LongStream.range(0, ranks).mapToObj(seed -> new Draws(seed, count)).toList();
    List<ArrayList<ArrayList<Integer>>> epochs =
        Launch.onRanks(
            ranks,
            fabric -> {
              FabricDataLoader loader =
                  fabric.setupDataloaders(loader(samplers.get(fabric.globalRank())));
              return new ArrayList<>(List.of(rows(loader), rows(loader)));
            });
    assertThat(samplers.get(0).drawn).hasSize(2).doesNotHaveDuplicates();
    assertThat(samplers.subList(1, ranks)).allMatch(sampler -> sampler.drawn.isEmpty());
    int perRank = (count + ranks - 1) / ranks;
    for (int epoch = 0; epoch < 2; epoch++) {
      int index = epoch;
      List<Integer> list = samplers.get(0).drawn.get(epoch);
      List<ArrayList<Integer>> shards = epochs.stream().map(e -> e.get(index)).toList();
      assertThat(united(shards, count)).isEqualTo(list);
      List<Integer> filled = united(shards, perRank * ranks);
      assertThat(filled.subList(count, filled.size()))
          .isEqualTo(list.subList(0, perRank * ranks - count));
    }
  }

  @Test
  void ignoresTheSamplersBatches() {
    try (Fabric fabric = Fabric.builder().build()) {
      Sampler sampler = new BatchSampler(dataset -> LongStream.of(5, 3, 5, 1, 0).iterator(), 2);
      FabricDataLoader loader = fabric.setupDataloaders(loader(sampler));
      assertThat(NumberedRows.epoch(loader)).containsExactly(List.of(5, 3, 5, 1), List.of(0));
      FabricDataLoader dropping = fabric.setupDataloaders(loader(sampler).dropLast(true));
      assertThat(NumberedRows.epoch(dropping)).containsExactly(List.of(5, 3, 5, 1));
    }
  }

  @Test
  void followsTheLengthOfEachDraw() {
    AtomicInteger draws = new AtomicInteger();
    Sampler growing = of(() -> List.of(Collections.nCopies(draws.getAndAdd(6), 7L)).iterator());
    List<ArrayList<Long>> lengths =
        Launch.onRanks(
            2,
            fabric -> {
              FabricDataLoader loader = fabric.setupDataloaders(loader(growing));
              ArrayList<Long> result = new ArrayList<>(List.of(loader.length()));
              for (int epoch = 0; epoch < 3; epoch++) {
                result.add((long) rows(loader).size());
                result.add(loader.length());
              }
              return result;
            });
    assertThat(lengths)
        .allSatisfy(lists -> assertThat(lists).containsExactly(0L, 0L, 0L, 3L, 1L, 6L, 2L));
  }

  @Test
  void drawsOnEachRankWithoutADistributedSampler() {
    List<ArrayList<Integer>> rows =
        Launch.onRanks(
            2,
            fabric -> {
              long first = fabric.globalRank();
              Sampler sampler = of(List.of(List.of(first, first + 8)));
              return rows(fabric.setupDataloaders(loader(sampler).useDistributedSampler(false)));
            });
    assertThat(rows.get(0)).containsExactly(0, 8);
    assertThat(rows.get(1)).containsExactly(1, 9);
  }

  private String path() {
    return folder.resolve("a").toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void continuesTheDrawnEpoch(boolean distributed) {
    List<Boolean> equal =
        Launch.onRanks(
            2,
            fabric -> {
              Draws draws = new Draws(fabric.globalRank(), 19);
              FabricDataLoader first =
                  fabric.setupDataloaders(loader(draws).useDistributedSampler(distributed));
              rows(first);
              List<List<Integer>> batches = new ArrayList<>();
              for (FabricBatch batch : first) {
                batches.add(NumberedRows.numbers(batch));
                if (batches.size() == 1) {
                  fabric.save(path(), Map.of("loader", first));
                }
              }
              FabricDataLoader second =
                  fabric.setupDataloaders(
                      loader(new Draws(9, 19)).useDistributedSampler(distributed));
              fabric.load(path(), new HashMap<>(Map.of("loader", second)));
              assertThat(second.epoch()).isEqualTo(1);
              return NumberedRows.epoch(second).equals(batches.subList(1, batches.size()))
                  && second.epoch() == 2;
            });
    assertThat(equal).containsExactly(true, true);
  }

  @Test
  void keepsTheListThatWasDrawnAtSetup() throws Exception {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader first = fabric.setupDataloaders(loader(new Draws(1, 9)));
      fabric.save(path(), Map.of("loader", first));
      FabricDataLoader second = fabric.setupDataloaders(loader(new Draws(2, 5)));
      fabric.load(path(), new HashMap<>(Map.of("loader", second)));
      assertThat(second.length()).isEqualTo(3);
      assertThat(rows(second)).isEqualTo(rows(first));
      fabric.save(path(), Map.of("loader", first));
      fabric.load(path(), new HashMap<>(Map.of("loader", second)));
      assertThat(rows(second)).hasSize(5);
    }
  }

  @Test
  void continuesADrawnEpochWithMoreRanks() throws Exception {
    Draws draws = new Draws(1, 20);
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader loader = fabric.setupDataloaders(loader(draws));
      Iterator<FabricBatch> batches = loader.iterator();
      batches.next();
      batches.next();
      fabric.save(path(), Map.of("loader", loader));
    }
    List<ArrayList<Integer>> shards =
        Launch.onRanks(
            2,
            fabric -> {
              FabricDataLoader loader = fabric.setupDataloaders(loader(new Draws(2, 20)));
              fabric.load(path(), new HashMap<>(Map.of("loader", loader)));
              return rows(loader);
            });
    assertThat(united(shards, 12)).isEqualTo(draws.drawn.get(0).subList(8, 20));
  }

  @Test
  void reportsAFailedDrawOnEveryRank() {
    List<String> messages =
        Launch.onRanks(
            2,
            fabric -> {
              try {
                fabric.setupDataloaders(loader(of(List.of(List.of(3L, 20L)))));
                return "none";
              } catch (IllegalArgumentException | FabricException e) {
                return e.getClass().getSimpleName() + ": " + e.getMessage();
              }
            });
    String reason = "The sampler chose row 20, but the dataset has 20 rows, counted from 0.";
    assertThat(messages)
        .containsExactly(
            "IllegalArgumentException: " + reason,
            "FabricException: Rank 0 could not draw the rows of an epoch: " + reason);
  }

  @Test
  void drawsAnewWhenOtherRanksDrewAndWarns() {
    try (Fabric fabric = Fabric.builder().build()) {
      Draws draws = new Draws(1, 20);
      FabricDataLoader loader = fabric.setupDataloaders(loader(draws));
      NDArray list = fabric.manager().create(new long[] {1, 2});
      Map<String, Object> saved = new HashMap<>(loader.stateDict());
      saved.put("rows", List.of(list, list));
      assertThat(CapturedLog.of(() -> loader.loadStateDict(saved)))
          .contains(
              "The data loader's rows were drawn by 2 ranks, but 1 here: epoch 0 goes on with rows"
                  + " drawn anew, so the resumed run is not exact.");
      assertThat(rows(loader)).isEqualTo(draws.drawn.get(0));
    }
  }

  @Test
  void rejectsAStateOfALargerDataset() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader loader = fabric.setupDataloaders(loader(new Draws(1, 20)));
      Map<String, Object> saved = new HashMap<>(loader.stateDict());
      saved.put("rows", List.of(fabric.manager().create(new long[] {1, 25})));
      assertThatThrownBy(() -> loader.checkStateDict(saved))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The sampler chose row 25, but the dataset has 20 rows, counted from 0.");
    }
  }

  @Test
  void rejectsAStateOfAnotherKindOfOrder() throws Exception {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader sampled = fabric.setupDataloaders(loader(new Draws(1, 20)));
      FabricDataLoader plain =
          fabric.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, 20)));
      assertThatThrownBy(() -> plain.loadStateDict(sampled.stateDict()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The checkpoint does not fit: the data loader was saved with a sampler and has none"
                  + " here. Set it up as it was.");
      plain.iterator().next();
      assertThatThrownBy(() -> sampled.loadStateDict(plain.stateDict()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The checkpoint does not fit: the data loader was saved without the rows of a"
                  + " sampler and has a sampler here. Set it up as it was.");
    }
  }

  @Test
  void rejectsASamplerBesideShuffling() {
    String message =
        "The data loader has shuffle(true) and a sampler, but either sets the order of the rows."
            + " Leave one out.";
    FabricDataLoader sampled = loader(of(List.of()));
    assertThatThrownBy(() -> sampled.shuffle(true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> loader(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("sampler is null");
  }
}
