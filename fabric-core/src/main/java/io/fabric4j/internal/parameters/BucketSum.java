package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.FlatBuffers;
import io.fabric4j.strategies.FlatModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives every rank the whole sum, in fixed buckets: consecutive slices of the flat gradient
 * buffers, the first small so that communication can start early, launched in the same order on
 * every rank.
 */
public final class BucketSum implements GradientSum {
  private static final long FIRST_BUCKET_BYTES = 1 << 20;
  private static final long BUCKET_BYTES = 25 << 20;

  private final ProcessGroup group;
  private final List<NDArray> buckets = new ArrayList<>();

  /** Plans the buckets. */
  public BucketSum(FlatModel model, ProcessGroup group) {
    this.group = group;
    for (FlatBuffers flat : model.groups()) {
      addBuckets(flat);
    }
  }

  private void addBuckets(FlatBuffers flat) {
    NDArray gradients = flat.gradientArray();
    try (FlatTensor all = FlatTensor.of(gradients)) {
      long start = 0;
      for (long next : flat.offsets()) {
        long limit = buckets.isEmpty() ? FIRST_BUCKET_BYTES : BUCKET_BYTES;
        if ((next - start) * all.elementSize() >= limit) {
          addBucket(gradients, all, start, next);
          start = next;
        }
      }
      addBucket(gradients, all, start, all.length());
    }
  }

  private void addBucket(NDArray gradients, FlatTensor all, long start, long end) {
    try (FlatTensor slice = all.slice(start, end - start)) {
      buckets.add(slice.toArray(gradients.getManager(), new Shape(end - start)));
    }
  }

  @Override
  public void run() {
    List<Work> works = new ArrayList<>(buckets.size());
    for (NDArray bucket : buckets) {
      works.add(group.allReduce(bucket, ReduceOp.SUM));
    }
    works.forEach(Work::waitFor);
  }

  @Override
  public String describe() {
    return "summed on every rank in " + buckets.size() + " buckets";
  }

  @Override
  public void close() {
    buckets.forEach(NDArray::close);
  }
}
