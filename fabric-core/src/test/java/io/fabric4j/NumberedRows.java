package io.fabric4j;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import io.fabric4j.distributed.DistributedSampler;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ShardedDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A dataset of numbers, {@code first} and those that follow, with ten more as the label. */
class NumberedRows extends RandomAccessDataset {
  private final int[] numbers;

  NumberedRows(int first, int size) {
    this(IntStream.range(first, first + size).toArray());
  }

  private NumberedRows(int[] numbers) {
    super(new Builder());
    this.numbers = numbers;
  }

  /** Returns the rows of a shard; shards follow each other. */
  static NumberedRows shard(int rank, int... sizes) {
    int first = 0;
    for (int i = 0; i < rank; i++) {
      first += sizes[i];
    }
    return new Shard(first, sizes[rank]);
  }

  /** Returns the numbers of a batch, none for a filler. */
  static List<Integer> numbers(FabricBatch batch) {
    List<Integer> numbers = new ArrayList<>();
    if (!batch.isFiller()) {
      for (float value : batch.getData().singletonOrThrow().toFloatArray()) {
        numbers.add((int) value);
      }
    }
    return numbers;
  }

  /** Returns the numbers of the next epoch, batch by batch. */
  static List<List<Integer>> epoch(FabricDataLoader loader) {
    List<List<Integer>> batches = new ArrayList<>();
    for (FabricBatch batch : loader) {
      batches.add(numbers(batch));
    }
    return batches;
  }

  @Override
  public Record get(NDManager manager, long index) {
    float value = numbers[(int) index];
    return new Record(
        new NDList(manager.create(new float[] {value})),
        new NDList(manager.create(new float[] {value + 10})));
  }

  @Override
  protected long availableSize() {
    return numbers.length;
  }

  @Override
  public void prepare(Progress progress) {}

  private static final class Shard extends NumberedRows implements ShardedDataset {
    private final int[] own;

    Shard(int first, int size) {
      super(first, size);
      own = IntStream.range(first, first + size).toArray();
    }

    @Override
    public RandomAccessDataset reshuffle(ProcessGroup group, long seed, long epoch) {
      int[] all = group.allGatherObject(own).stream().flatMapToInt(IntStream::of).toArray();
      long[] order = DistributedSampler.builder(all.length).seed(seed).build().indices(epoch);
      return new NumberedRows(
          IntStream.range(0, all.length)
              .filter(position -> position % group.size() == group.rank())
              .map(position -> all[(int) order[position]])
              .toArray());
    }
  }

  static final class Builder extends RandomAccessDataset.BaseBuilder<Builder> {
    Builder() {
      setSampling(1, false);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
