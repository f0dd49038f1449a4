package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.GradientSynchronizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums a model's gradients over the ranks in fixed buckets: consecutive slices of the flat gradient
 * buffers, the first small so that communication can start early, launched in the same order on
 * every rank.
 */
public final class Reducer implements GradientSynchronizer {
  private static final long FIRST_BUCKET_BYTES = 1 << 20;
  private static final long BUCKET_BYTES = 25 << 20;

  private final FlatParameters parameters;
  private final ProcessGroup group;
  private final List<NDArray> buckets = new ArrayList<>();

  /** Forwards whose backward has not come yet; those that share a loss leave some over. */
  private int announced;

  /** Plans the buckets and gives every rank the parameters and buffers of rank 0. Collective. */
  public Reducer(FlatParameters parameters, ProcessGroup group) {
    this.parameters = parameters;
    this.group = group;
    for (FlatGroup flat : parameters.groups()) {
      group.broadcast(flat.dataArray(), 0).waitFor();
      addBuckets(flat);
    }
    parameters.constants().forEach(array -> group.broadcast(array, 0).waitFor());
  }

  private void addBuckets(FlatGroup flat) {
    NDArray gradients = flat.gradientArray();
    long elementSize = flat.dataType().getNumOfBytes();
    long start = 0;
    for (ParameterSlot slot : flat.slots()) {
      long next = slot.offset();
      long limit = buckets.isEmpty() ? FIRST_BUCKET_BYTES : BUCKET_BYTES;
      if ((next - start) * elementSize >= limit) {
        addBucket(gradients, start, next);
        start = next;
      }
    }
    addBucket(gradients, start, gradients.size());
  }

  private void addBucket(NDArray gradients, long start, long end) {
    try (FlatTensor all = FlatTensor.of(gradients);
        FlatTensor slice = all.slice(start, end - start)) {
      buckets.add(slice.toArray(gradients.getManager(), new Shape(end - start)));
    }
  }

  /** Announces a backward that ends in a reduction; collective if the model has buffers. */
  @Override
  public void beforeForward(int source) {
    announced++;
    parameters.buffers().forEach(buffer -> group.broadcast(buffer, source).waitFor());
  }

  /**
   * Sums the gradients if a forward was announced. Collective. A forward whose parameters no rank's
   * backward has reached yet stays announced.
   */
  @Override
  public void afterBackward() {
    if (announced == 0) {
      return;
    }
    for (FlatGroup flat : parameters.groups()) {
      flat.prepareReduce(group.rank() == 0);
    }
    List<Work> works = new ArrayList<>(buckets.size());
    for (NDArray bucket : buckets) {
      works.add(group.allReduce(bucket, ReduceOp.SUM));
    }
    works.forEach(Work::waitFor);
    boolean reached = false;
    for (FlatGroup flat : parameters.groups()) {
      reached |= flat.finishReduce();
    }
    if (reached) {
      announced--;
    }
  }

  @Override
  public void close() {
    buckets.forEach(NDArray::close);
  }
}
