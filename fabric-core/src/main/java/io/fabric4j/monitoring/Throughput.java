package io.fabric4j.monitoring;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.DataType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Computes the speed of a training loop over a window of its last batches. All ranks are taken to
 * be as fast as this one; no rank is asked.
 *
 * <pre>{@code
 * Throughput throughput = Throughput.builder().device("NVIDIA H200", DataType.BFLOAT16).build();
 * for (...) {
 *   ...
 *   throughput.update(Progress.of(seconds, batches, samples).withFlops(flopsPerBatch));
 *   System.out.println(throughput.compute());
 * }
 * }</pre>
 */
public final class Throughput {
  private final double availableFlops;
  private final int worldSize;
  private final int windowSize;
  private final String separator;
  private final MonotonicWindow seconds;
  private final MonotonicWindow batches;
  private final MonotonicWindow samples;
  private final MonotonicWindow lengths;
  private final Deque<Double> flops = new ArrayDeque<>();

  private Throughput(Builder builder) {
    availableFlops = builder.availableFlops * builder.sparseFactor;
    worldSize = builder.worldSize;
    windowSize = builder.windowSize;
    separator = builder.separator;
    seconds = new MonotonicWindow("seconds", windowSize);
    batches = new MonotonicWindow("batches", windowSize);
    samples = new MonotonicWindow("samples", windowSize);
    lengths = new MonotonicWindow("lengths", windowSize);
  }

  /** Returns a builder: one rank, a window of 100 batches, no known peak. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Adds a batch to the window. In Lightning, lengths left out once the window is full, and flops
   * left out at any time, go unnoticed and distort the rates.
   *
   * @throws IllegalArgumentException if a total has not increased; the window stays as it was
   * @throws IllegalStateException if lengths or flops come now but did not before, or the reverse
   */
  public void update(Progress progress) {
    checkPresence("lengths", progress.lengths(), lengths.isEmpty());
    checkPresence("flops", progress.flops(), flops.isEmpty());
    seconds.check(progress.seconds());
    batches.check(progress.batches());
    samples.check(progress.samples());
    if (progress.lengths() != null) {
      lengths.check(progress.lengths());
      lengths.add(progress.lengths());
    }
    seconds.add(progress.seconds());
    batches.add(progress.batches());
    samples.add(progress.samples());
    if (progress.flops() != null) {
      flops.add(progress.flops());
      if (flops.size() > windowSize) {
        flops.remove();
      }
    }
  }

  private void checkPresence(String name, Number value, boolean absentBefore) {
    if (!seconds.isEmpty() && absentBefore != (value == null)) {
      throw new IllegalStateException(
          name
              + (absentBefore
                  ? " came with this update but not before"
                  : " came before but not now")
              + ": rates need as many of them as samples. Pass them in every update since the start"
              + " or the last reset, or in none.");
    }
  }

  /**
   * Returns the metrics by name, with the separator {@code /}:
   *
   * <ul>
   *   <li>{@code time}, {@code batches}, {@code samples}, and {@code lengths} if counted: the
   *       totals
   *   <li>once the window is full, {@code device/batches_per_sec}, {@code device/samples_per_sec},
   *       {@code device/items_per_sec} (of lengths), {@code device/flops_per_sec}: what one rank
   *       does, from the first to the last batch of the window
   *   <li>with several ranks, the same without {@code device/}: times the number of ranks
   *   <li>with a known peak, {@code device/mfu}: {@code device/flops_per_sec} divided by it
   * </ul>
   *
   * @throws IllegalStateException if there was no update
   */
  public Map<String, Double> compute() {
    if (seconds.isEmpty()) {
      throw new IllegalStateException(
          "There is nothing to compute: no batch was added. Call update first.");
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("time", seconds.last());
    metrics.put("batches", batches.last());
    metrics.put("samples", samples.last());
    if (!lengths.isEmpty()) {
      metrics.put("lengths", lengths.last());
    }
    if (seconds.isFull()) {
      addRates(metrics);
    }
    return metrics;
  }

  private void addRates(Map<String, Double> metrics) {
    addRate(metrics, "batches_per_sec", batches.elapsed());
    addRate(metrics, "samples_per_sec", samples.elapsed());
    if (!lengths.isEmpty()) {
      addRate(metrics, "items_per_sec", lengths.elapsed());
    }
    if (!flops.isEmpty()) {
      double elapsed = flops.stream().skip(1).mapToDouble(Double::doubleValue).sum();
      addRate(metrics, "flops_per_sec", elapsed);
      if (availableFlops > 0) {
        metrics.put("device" + separator + "mfu", elapsed / seconds.elapsed() / availableFlops);
      }
    }
  }

  private void addRate(Map<String, Double> metrics, String name, double elapsed) {
    double rate = elapsed / seconds.elapsed();
    if (worldSize > 1) {
      metrics.put(name, rate * worldSize);
    }
    metrics.put("device" + separator + name, rate);
  }

  /** Empties the window. */
  public void reset() {
    seconds.clear();
    batches.clear();
    samples.clear();
    lengths.clear();
    flops.clear();
  }

  /** Builds a {@link Throughput}. */
  public static final class Builder {
    private double availableFlops;
    private double sparseFactor = 1;
    private int worldSize = 1;
    private int windowSize = 100;
    private String separator = "/";

    private Builder() {}

    /**
     * Sets the peak of one rank's device for dense matrices, in floating-point operations per
     * second; default unknown, then there is no {@code mfu}.
     */
    public Builder availableFlops(double flops) {
      if (!(flops > 0)) {
        throw new IllegalArgumentException(
            "availableFlops is " + flops + ". A device does more than 0 operations per second.");
      }
      availableFlops = flops;
      return this;
    }

    /** Sets the peak from {@link DeviceFlops#peak}; without an entry it stays as it is. */
    public Builder device(String name, DataType dataType) {
      DeviceFlops.peak(name, dataType).ifPresent(this::availableFlops);
      return this;
    }

    /**
     * Says that the model's matrices are sparse, in the structure that the device is faster with.
     *
     * @param factor what to multiply the dense peak by: 2 for NVIDIA's 2:4 structure
     */
    public Builder sparseModel(double factor) {
      if (!(factor >= 1)) {
        throw new IllegalArgumentException(
            "The sparse factor is " + factor + ". Sparsity cannot lower a peak; pass 1 or more.");
      }
      sparseFactor = factor;
      return this;
    }

    /** Sets the number of ranks; default 1. */
    public Builder worldSize(int ranks) {
      if (ranks < 1) {
        throw new IllegalArgumentException("worldSize is " + ranks + ". There is 1 rank or more.");
      }
      worldSize = ranks;
      return this;
    }

    /** Sets how many batches rates are computed over; default 100. */
    public Builder windowSize(int batches) {
      if (batches < 2) {
        throw new IllegalArgumentException(
            "windowSize is " + batches + ". A rate needs 2 batches or more.");
      }
      windowSize = batches;
      return this;
    }

    /** Sets what stands between {@code device} and a metric's name; default {@code /}. */
    public Builder separator(String separator) {
      this.separator = requireNonNull(separator, "separator is null");
      return this;
    }

    /** Returns the empty window. */
    public Throughput build() {
      return new Throughput(this);
    }
  }
}
