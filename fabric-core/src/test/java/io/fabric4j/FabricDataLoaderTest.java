package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import io.fabric4j.distributed.DistributedSampler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One rank's loaders; {@link DistributedDataLoaderTest} has several ranks. */
class FabricDataLoaderTest {
  private Fabric fabric;

  @BeforeEach
  void open() {
    fabric = Fabric.builder().build();
  }

  @AfterEach
  void close() {
    fabric.close();
  }

  private static FabricDataLoader rows(int count) {
    return FabricDataLoader.of(new NumberedRows(0, count));
  }

  private static List<Integer> flat(List<List<Integer>> batches) {
    return batches.stream().flatMap(List::stream).toList();
  }

  private static List<Integer> shuffled(int rows, long seed, long epoch) {
    long[] order = DistributedSampler.builder(rows).seed(seed).build().indices(epoch);
    return LongStream.of(order).mapToObj(row -> (int) row).toList();
  }

  @Test
  void keepsTheDatasetsOrder() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(7).batchSize(3));
    assertThat(loader.length()).isEqualTo(3);
    for (int epoch = 0; epoch < 2; epoch++) {
      assertThat(NumberedRows.epoch(loader))
          .containsExactly(List.of(0, 1, 2), List.of(3, 4, 5), List.of(6));
    }
  }

  @Test
  void dropsRowsThatDoNotFillABatch() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(8).batchSize(3).dropLast(true));
    assertThat(loader.length()).isEqualTo(2);
    assertThat(NumberedRows.epoch(loader)).containsExactly(List.of(0, 1, 2), List.of(3, 4, 5));
    assertThat(NumberedRows.epoch(fabric.setupDataloaders(rows(2).batchSize(3).dropLast(true))))
        .isEmpty();
  }

  @Test
  void shufflesEachEpochInTheSamplersOrder() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(20).batchSize(6).shuffle(true).seed(9));
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(flat(NumberedRows.epoch(loader))).isEqualTo(shuffled(20, 9, epoch));
    }
    loader.setEpoch(1);
    assertThat(flat(NumberedRows.epoch(loader))).isEqualTo(shuffled(20, 9, 1));
    assertThat(flat(NumberedRows.epoch(loader))).isEqualTo(shuffled(20, 9, 2));
  }

  @Test
  void shufflesWithTheSeedOfEverything() {
    FabricDataLoader loader = rows(20).batchSize(20).shuffle(true);
    assertThat(flat(NumberedRows.epoch(fabric.setupDataloaders(loader))))
        .isEqualTo(shuffled(20, 0, 0));
    fabric.seedEverything(5);
    assertThat(flat(NumberedRows.epoch(fabric.setupDataloaders(loader))))
        .isEqualTo(shuffled(20, 5, 0));
    assertThat(flat(NumberedRows.epoch(fabric.setupDataloaders(loader.seed(6)))))
        .isEqualTo(shuffled(20, 6, 0));
  }

  @Test
  void describesItsBatches() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(5).batchSize(3));
    Iterator<FabricBatch> batches = loader.iterator();
    FabricBatch batch = batches.next();
    assertThat(batch.getSize()).isEqualTo(3);
    assertThat(batch.weight()).isEqualTo(1);
    assertThat(batch.isFiller()).isFalse();
    assertThat(batch.getProgress()).isEqualTo(3);
    assertThat(batch.getProgressTotal()).isEqualTo(5);
    assertThat(batch.getLabels().singletonOrThrow().toFloatArray()).containsExactly(10, 11, 12);
    batch = batches.next();
    assertThat(batch.getSize()).isEqualTo(2);
    assertThat(batch.getProgress()).isEqualTo(5);
    assertThat(batches.hasNext()).isFalse();
    assertThatThrownBy(batches::next)
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("The epoch has 2 batches, all were returned.");
  }

  @Test
  void closesABatchWhenTheNextIsAskedFor() {
    Iterator<FabricBatch> batches = fabric.setupDataloaders(rows(4).batchSize(2)).iterator();
    FabricBatch first = batches.next();
    NDArray computed = first.getData().singletonOrThrow().mul(2);
    NDArray kept = computed.duplicate();
    kept.attach(fabric.manager());
    FabricBatch second = batches.next();
    assertThat(first.getManager()).isNull();
    assertThat(computed.isReleased()).isTrue();
    assertThat(kept.toFloatArray()).containsExactly(0, 2);
    assertThat(second.getManager()).isNotNull();
    assertThat(batches.hasNext()).isFalse();
    assertThat(second.getManager()).isNull();
    assertThat(second.getData().singletonOrThrow().isReleased()).isTrue();
  }

  /** Counts open arrays and managers below a manager, whatever their level. */
  private static int open(NDManager manager) {
    return manager.getManagedArrays().size();
  }

  @Test
  void leavesNothingBehindAfterAnEarlyEnd() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(50).batchSize(2));
    List<FabricBatch> broken = new ArrayList<>();
    int before = open(fabric.manager());
    for (int epoch = 0; epoch < 5; epoch++) {
      for (FabricBatch batch : loader) {
        batch.getData().singletonOrThrow().add(1);
        broken.add(batch);
        if (batch.getProgress() == 6) {
          break;
        }
      }
      assertThat(broken.subList(0, broken.size() - 1))
          .allMatch(batch -> batch.getManager() == null);
    }
    assertThat(NumberedRows.epoch(loader)).hasSize(25);
    assertThat(broken).allMatch(batch -> batch.getManager() == null);
    assertThat(open(fabric.manager())).isEqualTo(before);
  }

  @Test
  void endsTheFormerIterationWhenANewOneStarts() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(50).batchSize(2));
    Iterator<FabricBatch> former = loader.iterator();
    former.next();
    Iterator<FabricBatch> current = loader.iterator();
    assertThat(former.hasNext()).isFalse();
    assertThat(NumberedRows.numbers(current.next())).containsExactly(0, 1);
  }

  @Test
  void iteratesOverNoRows() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(0).batchSize(4).shuffle(true));
    assertThat(loader.length()).isZero();
    assertThat(NumberedRows.epoch(loader)).isEmpty();
  }

  @Test
  void rejectsUseBeforeSetup() {
    FabricDataLoader loader = rows(4);
    String message =
        "This data loader has not been set up. Iterate over what fabric.setupDataloaders(loader)"
            + " returns.";
    assertThatThrownBy(loader::iterator)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThatThrownBy(loader::length)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  @Test
  void rejectsASecondSetup() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(4));
    assertThatThrownBy(() -> fabric.setupDataloaders(loader))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "This data loader has been set up already. Pass the one that FabricDataLoader.of"
                + " returned.");
  }

  @Test
  void rejectsSettingsAfterSetup() {
    FabricDataLoader loader = fabric.setupDataloaders(rows(4));
    assertThatThrownBy(() -> loader.batchSize(2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "This data loader has been set up already. Change its settings before"
                + " fabric.setupDataloaders.");
  }

  @Test
  void rejectsBatchesWithoutRows() {
    assertThatThrownBy(() -> rows(4).batchSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchSize is 0, but a batch needs at least 1 row.");
    assertThatThrownBy(() -> FabricDataLoader.of(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("dataset is null");
  }

  @Test
  void setsUpSeveralLoaders() {
    List<FabricDataLoader> loaders = fabric.setupDataloaders(rows(2), rows(3), rows(4));
    assertThat(loaders.stream().map(FabricDataLoader::length)).containsExactly(2L, 3L, 4L);
  }

  @Test
  void endsALoopThatIsInterrupted() {
    Iterator<FabricBatch> batches = fabric.setupDataloaders(rows(4)).iterator();
    batches.next();
    Thread.currentThread().interrupt();
    assertThatThrownBy(batches::next)
        .isInstanceOf(FabricException.class)
        .hasMessage("Interrupted before batch 2 of 4.");
    assertThat(Thread.interrupted()).isTrue();
  }

  /** A dataset that cannot be prepared. */
  private static final class Unprepared extends RandomAccessDataset {
    private final Exception failure;

    Unprepared(Exception failure) {
      super(new NumberedRows.Builder());
      this.failure = failure;
    }

    @Override
    public Record get(NDManager manager, long index) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected long availableSize() {
      return 3;
    }

    @Override
    public void prepare(Progress progress) throws IOException, TranslateException {
      if (failure instanceof IOException e) {
        throw e;
      }
      throw (TranslateException) failure;
    }
  }

  @Test
  void reportsDatasetsThatFail() {
    FabricDataLoader unread =
        fabric.setupDataloaders(FabricDataLoader.of(new Unprepared(new IOException("no disk"))));
    assertThatThrownBy(unread::iterator)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("Cannot read the dataset: no disk");
    FabricDataLoader unprepared =
        fabric.setupDataloaders(
            FabricDataLoader.of(new Unprepared(new TranslateException("no words"))));
    assertThatThrownBy(unprepared::iterator)
        .isInstanceOf(FabricException.class)
        .hasMessage("Cannot prepare the dataset: no words");
  }
}
