package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.training.initializer.Initializer;
import io.fabric4j.optim.SGD;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data loaders whose batches a background thread prepares: the loop sees what it saw without. */
@Timeout(60)
class PrefetchTest {
  private static final int[] AHEAD = {0, 1, 2, 8};
  private final Fabric fabric = Fabric.builder().accelerator("cpu").threads(1).build();

  @AfterEach
  void close() {
    fabric.close();
  }

  /** What a loop sees: rows, weights and losses. */
  private record Step(ArrayList<Integer> rows, double weight, float loss) implements Serializable {}

  private static ArrayList<Step> train(Fabric fabric, FabricDataLoader loader) {
    Block block = Linear.builder().setUnits(1).optBias(false).build();
    block.setInitializer(Initializer.ONES, parameter -> true);
    FabricSetup setup =
        fabric.setup(block, new Shape(1, 1), SGD.builder().learningRate(1e-4f).build());
    FabricDataLoader rows = fabric.setupDataloaders(loader.batchSize(4));
    ArrayList<Step> steps = new ArrayList<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      for (FabricBatch batch : rows) {
        setup.optimizer().zeroGrad();
        NDArray output = setup.block().forward(batch.getData()).singletonOrThrow();
        NDArray loss = output.sub(batch.getLabels().singletonOrThrow()).square().mean();
        fabric.backward(loss);
        setup.optimizer().step();
        ArrayList<Integer> numbers = new ArrayList<>(NumberedRows.numbers(batch));
        steps.add(new Step(numbers, batch.weight(), loss.getFloat()));
      }
    }
    return steps;
  }

  /** Draws other rows in each epoch, on rank 0 for all. */
  private static Sampler draws() {
    Random random = new Random(4);
    return new Sampler() {
      @Override
      public Iterator<List<Long>> sample(RandomAccessDataset dataset) {
        return List.of(random.longs(17, 0, dataset.size()).boxed().toList()).iterator();
      }

      @Override
      public int getBatchSize() {
        return -1;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void changesNothingThatTheLoopSees(int ranks) {
    int[] sizes = {7, 0, 11};
    List<List<ArrayList<Step>>> results = new ArrayList<>();
    for (int ahead : AHEAD) {
      results.add(
          Launch.onRanks(
              ranks,
              rank -> {
                FabricDataLoader shuffled = FabricDataLoader.of(new NumberedRows(0, 23));
                FabricDataLoader shard =
                    FabricDataLoader.of(NumberedRows.shard(rank.globalRank(), sizes));
                ArrayList<Step> steps = train(rank, shuffled.shuffle(true).prefetch(ahead));
                steps.addAll(train(rank, shard.prefetch(ahead)));
                steps.addAll(train(rank, shuffled.sampler(draws()).prefetch(ahead)));
                return steps;
              }));
    }
    assertThat(results.get(0)).allMatch(steps -> !steps.isEmpty());
    assertThat(results).containsOnly(results.get(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8})
  void resumesAfterTheBatchThatWasHandedOut(int ahead) {
    FabricDataLoader loader =
        FabricDataLoader.of(new NumberedRows(0, 40)).batchSize(4).shuffle(true);
    FabricDataLoader first = fabric.setupDataloaders(loader.prefetch(4));
    List<List<Integer>> epoch = NumberedRows.epoch(fabric.setupDataloaders(loader));
    Iterator<FabricBatch> batches = first.iterator();
    for (int i = 0; i < 3; i++) {
      batches.next();
    }
    Map<String, Object> state = first.stateDict();
    assertThat(state).containsEntry("batch", 3L).containsEntry("epoch", 0L);
    FabricDataLoader second = fabric.setupDataloaders(loader.prefetch(ahead));
    second.loadStateDict(state);
    assertThat(NumberedRows.epoch(second)).isEqualTo(epoch.subList(3, 10));
  }

  /** Rows with noise from its own generator and from libtorch's. */
  private static final class Noisy extends NumberedRows {
    private final Random random = new Random(1);

    Noisy() {
      super(0, 30);
    }

    @Override
    public Record get(NDManager manager, long index) {
      NDArray noise = manager.randomUniform(0, 1, new Shape(1));
      return new Record(
          new NDList(noise.add(index)), new NDList(manager.create(random.nextFloat())));
    }
  }

  @Test
  void randomDatasetsDrawInTheSameOrder() {
    List<List<Float>> runs = new ArrayList<>();
    for (int ahead : AHEAD) {
      fabric.seedEverything(3);
      List<Float> values = new ArrayList<>();
      FabricDataLoader loader =
          fabric.setupDataloaders(FabricDataLoader.of(new Noisy()).batchSize(4).prefetch(ahead));
      for (FabricBatch batch : loader) {
        for (NDArray array : List.of(batch.getData().get(0), batch.getLabels().get(0))) {
          for (float value : array.toFloatArray()) {
            values.add(value);
          }
        }
      }
      runs.add(values);
    }
    assertThat(runs.get(0)).hasSize(60).doesNotHaveDuplicates();
    assertThat(runs).containsOnly(runs.get(0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsArrayDatasets(boolean shuffle) {
    NDArray values = fabric.manager().arange(20f);
    ArrayDataset dataset =
        new ArrayDataset.Builder().setData(values).optLabels(values).setSampling(1, false).build();
    FabricDataLoader loader = FabricDataLoader.of(dataset).batchSize(3).shuffle(shuffle);
    List<List<Integer>> expected = NumberedRows.epoch(fabric.setupDataloaders(loader));
    assertThat(expected).hasSize(7);
    assertThat(NumberedRows.epoch(fabric.setupDataloaders(loader.prefetch(3)))).isEqualTo(expected);
  }

  @Test
  void closingABatchEarlyLeavesThePreparedOnes() {
    List<Integer> seen = new ArrayList<>();
    for (FabricBatch batch :
        fabric.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, 12)).prefetch(2))) {
      seen.addAll(NumberedRows.numbers(batch));
      batch.close();
      batch.close();
      assertThat(batch.getData().get(0).isReleased()).isTrue();
    }
    assertThat(seen).hasSize(12).isSorted();
  }

  @Test
  void closingACopiedBatchClosesItsSource() {
    FabricBatch source =
        fabric.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, 1))).iterator().next();
    NDArray pinned = source.getData().get(0);
    NDManager copies = fabric.manager().newSubManager();
    NDArray copy = copies.ones(new Shape(1));
    FabricBatch batch =
        new FabricBatch(copies, new NDList(copy), new NDList(), source.share(), source);
    assertThat(batch.getManager()).isSameAs(copies);
    batch.close();
    assertThat(copy.isReleased()).isTrue();
    assertThat(pinned.isReleased()).isTrue();
  }

  /** Rows of 1 MiB. */
  private static final class Large extends NumberedRows {
    Large() {
      super(0, 6);
    }

    @Override
    public Record get(NDManager manager, long index) {
      return new Record(new NDList(manager.ones(new Shape(1 << 18))), new NDList());
    }
  }

  /** A batch that is kept per epoch would take 200 MiB. */
  @Test
  void nativeMemoryStaysFlat() throws IOException {
    FabricDataLoader loader = fabric.setupDataloaders(FabricDataLoader.of(new Large()).prefetch(2));
    long before = 0;
    for (int epoch = 0; epoch < 220; epoch++) {
      if (epoch == 20) {
        before = anonymousKiB();
      }
      for (FabricBatch batch : loader) {
        batch.getData().get(0).add(1);
        if (epoch % 2 == 0 && batch.getProgress() == 2) {
          break;
        }
      }
    }
    assertThat(anonymousKiB() - before).isLessThan(100 << 10);
  }

  private static long anonymousKiB() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void explainsWhatIsPreparedAhead() {
    fabric.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, 2)).prefetch(3));
    assertThat(fabric.explain()).contains("one rank sees all rows; 3 batches prepared ahead");
  }

  @Test
  void rejectsNegativeNumbers() {
    assertThatThrownBy(() -> FabricDataLoader.of(new NumberedRows(0, 1)).prefetch(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prefetch is -1, but has to be 0 or a number of batches. 0 prepares each batch when the"
                + " loop asks for it.");
  }
}
