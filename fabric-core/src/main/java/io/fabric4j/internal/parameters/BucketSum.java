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
import java.util.Arrays;
import java.util.List;

/**
 * Gives every rank the whole sum, in fixed buckets: consecutive slices of the flat gradient
 * buffers, the first small so that communication can start early, launched in the same order on
 * every rank. Where collectives run beside backward, a bucket is launched once its gradients and
 * those of the buckets before it are complete; the values do not depend on it.
 */
public final class BucketSum implements GradientSum {
  private static final long FIRST_BUCKET_BYTES = 1 << 20;
  private static final long BUCKET_BYTES = 25 << 20;

  private final ProcessGroup group;
  private final boolean early;
  private final List<Bucket> buckets = new ArrayList<>();
  private final List<Watch> watches = new ArrayList<>();

  /** Per bucket, the gradients that backward still has to complete. */
  private final int[] missing;

  private final List<Work> works = new ArrayList<>();
  private RuntimeException failure;

  /**
   * A slice of the gradients.
   *
   * @param parts parameters in it, and its flags if it has them, which only the end completes
   */
  private record Bucket(NDArray array, int parts) {}

  /** The buckets of one buffer's parameters. */
  private record Watch(FlatBuffers flat, int[] bucketOf) {}

  /**
   * Plans the buckets.
   *
   * @param early whether to launch them during backward
   */
  public BucketSum(FlatModel model, ProcessGroup group, boolean early) {
    this.group = group;
    this.early = early;
    for (FlatBuffers flat : model.groups()) {
      addBuckets(flat);
    }
    missing = new int[buckets.size()];
  }

  private void addBuckets(FlatBuffers flat) {
    long[] offsets = flat.offsets();
    int[] bucketOf = new int[offsets.length];
    try (FlatTensor all = FlatTensor.of(flat.gradientArray())) {
      long start = 0;
      int first = 0;
      for (int i = 0; i < offsets.length; i++) {
        long limit = buckets.isEmpty() ? FIRST_BUCKET_BYTES : BUCKET_BYTES;
        if ((offsets[i] - start) * all.elementSize() >= limit) {
          addBucket(flat, all, start, offsets[i], i - first);
          start = offsets[i];
          first = i;
        }
        bucketOf[i] = buckets.size();
      }
      addBucket(flat, all, start, all.length(), offsets.length - first + 1);
    }
    watches.add(new Watch(flat, bucketOf));
  }

  private void addBucket(FlatBuffers flat, FlatTensor all, long start, long end, int parts) {
    try (FlatTensor slice = all.slice(start, end - start)) {
      NDArray array = slice.toArray(flat.gradientArray().getManager(), new Shape(end - start));
      buckets.add(new Bucket(array, parts));
    }
  }

  @Override
  public synchronized void beforeBackward() {
    if (!early || watches.stream().anyMatch(watch -> watch.flat().isReduced())) {
      return;
    }
    if (!works.isEmpty()) {
      throw new IllegalStateException(
          "A backward failed after some of its gradients had been summed over the ranks, so that"
              + " the ranks' gradients differ. Load a checkpoint into a new Fabric.");
    }
    Arrays.setAll(missing, i -> buckets.get(i).parts());
    for (Watch watch : watches) {
      watch.flat().watchGradients(index -> complete(watch.bucketOf()[index]));
    }
  }

  /** Runs on the thread that computes gradients, out of which nothing may be thrown. */
  private synchronized void complete(int bucket) {
    missing[bucket]--;
    try {
      while (failure == null && works.size() < buckets.size() && missing[works.size()] == 0) {
        launchNext();
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void launchNext() {
    NDArray bucket = buckets.get(works.size()).array();
    works.add(
        early ? group.startAllReduce(bucket, ReduceOp.SUM) : group.allReduce(bucket, ReduceOp.SUM));
  }

  /** Returns how many buckets have been launched since the last {@link #run}. */
  synchronized int launched() {
    return works.size();
  }

  @Override
  public synchronized void run() {
    watches.forEach(watch -> watch.flat().watchGradients(null));
    try {
      if (failure != null) {
        throw failure;
      }
      while (works.size() < buckets.size()) {
        launchNext();
      }
      works.forEach(Work::waitFor);
    } finally {
      works.clear();
      failure = null;
    }
  }

  @Override
  public String describe() {
    return "summed on every rank in "
        + buckets.size()
        + " buckets"
        + (early ? ", beginning while backward runs" : "");
  }

  @Override
  public void close() {
    buckets.forEach(bucket -> bucket.array().close());
  }
}
