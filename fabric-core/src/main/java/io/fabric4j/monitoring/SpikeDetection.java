package io.fabric4j.monitoring;

import static java.util.Objects.requireNonNull;

import com.google.gson.GsonBuilder;
import io.fabric4j.Fabric;
import io.fabric4j.Stateful;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ends training on all ranks when the loss of any of them jumps, and writes the numbers of the
 * batch and the one before it to a JSON file, so that a resumed run can skip them.
 *
 * <p>A loss is a spike if it is not finite, or worse than the last one and away from the mean of
 * the last {@code window} losses by both tolerances.
 */
public final class SpikeDetection implements Stateful {
  /** Which losses are better. */
  public enum Mode {
    MIN,
    MAX
  }

  private final Mode mode;
  private final int window;
  private final long warmup;
  private final double atol;
  private final double rtol;
  private final Path excludeBatchesPath;
  private final boolean finiteOnly;
  private final Deque<Double> losses = new ArrayDeque<>();
  private final List<Long> badBatches = new ArrayList<>();
  private double lastLoss;

  private SpikeDetection(Builder builder) {
    mode = builder.mode;
    window = builder.window;
    warmup = builder.warmup;
    atol = builder.atol;
    rtol = builder.rtol;
    finiteOnly = builder.finiteOnly;
    excludeBatchesPath =
        builder.excludeBatchesPath.toString().endsWith(".json")
            ? builder.excludeBatchesPath
            : builder.excludeBatchesPath.resolve("skip_batches.json");
  }

  /** Returns a builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Checks the loss of a batch. Every rank must call this for every batch.
   *
   * @throws TrainingSpikeException on every rank if any has a spike
   */
  public void onTrainBatchEnd(Fabric fabric, double loss, long batchIndex) {
    boolean spike = batchIndex >= warmup && isSpike(loss);
    List<Boolean> spikes = fabric.processGroup().allGatherObject(spike);
    if (spikes.contains(true)) {
      exclude(fabric, batchIndex);
      throw new TrainingSpikeException(batchIndex);
    }
    if (finiteOnly || allFinite(fabric, loss)) {
      lastLoss = loss;
      losses.add(loss);
      if (losses.size() > window) {
        losses.remove();
      }
    }
  }

  private static boolean allFinite(Fabric fabric, double loss) {
    return !fabric.processGroup().allGatherObject(Double.isFinite(loss)).contains(false);
  }

  private boolean isSpike(double loss) {
    if (finiteOnly && !Double.isFinite(loss)) {
      return true;
    }
    if (mode == Mode.MIN ? loss - lastLoss <= 0 : loss - lastLoss >= 0) {
      return false;
    }
    double mean = losses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    double difference = Math.abs(loss - mean);
    return difference >= atol && difference >= Math.abs(rtol * mean);
  }

  private void exclude(Fabric fabric, long batchIndex) {
    badBatches.add(batchIndex - 1);
    badBatches.add(batchIndex);
    if (!fabric.isGlobalZero()) {
      return;
    }
    try {
      Files.createDirectories(excludeBatchesPath.toAbsolutePath().getParent());
      Files.writeString(
          excludeBatchesPath, new GsonBuilder().setPrettyPrinting().create().toJson(badBatches));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write the batches to exclude to " + excludeBatchesPath, e);
    }
  }

  /** Returns the last losses and the excluded batches; the settings are the builder's. */
  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("last_val", lastLoss);
    state.put("running", List.copyOf(losses));
    state.put("bad_batches", List.copyOf(badBatches));
    return state;
  }

  /** Takes over a state; Lightning's version of this method always fails. */
  @Override
  public void loadStateDict(Map<String, Object> state) {
    if (!(state.get("last_val") instanceof Number last)
        || !(state.get("running") instanceof List<?> running)
        || !(state.get("bad_batches") instanceof List<?> batches)) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: spike detection needs last_val, running and bad_batches,"
              + " and it has "
              + state.keySet()
              + ".");
    }
    lastLoss = last.doubleValue();
    losses.clear();
    running.forEach(loss -> losses.add(((Number) loss).doubleValue()));
    while (losses.size() > window) {
      losses.remove();
    }
    badBatches.clear();
    batches.forEach(batch -> badBatches.add(((Number) batch).longValue()));
  }

  /** Builds a {@link SpikeDetection}. */
  public static final class Builder {
    private Mode mode = Mode.MIN;
    private int window = 10;
    private long warmup = 1;
    private double atol;
    private double rtol = 2;
    private Path excludeBatchesPath = Path.of("");
    private boolean finiteOnly = true;

    private Builder() {}

    /** Sets which losses are better; default {@link Mode#MIN}. */
    public Builder mode(Mode mode) {
      this.mode = requireNonNull(mode, "mode is null");
      return this;
    }

    /** Sets how many losses the running mean covers; default 10. */
    public Builder window(int window) {
      if (window < 1) {
        throw new IllegalArgumentException(
            "window is " + window + ". The running mean needs 1 or more losses.");
      }
      this.window = window;
      return this;
    }

    /** Sets the first batch that can be a spike; default 1. */
    public Builder warmup(long warmup) {
      this.warmup = warmup;
      return this;
    }

    /** Sets the least difference from the running mean; default 0. */
    public Builder atol(double atol) {
      this.atol = Math.abs(atol);
      return this;
    }

    /** Sets the least difference as a multiple of the running mean, 0 for none; default 2. */
    public Builder rtol(double rtol) {
      this.rtol = rtol;
      return this;
    }

    /** Sets a .json file, or the directory of skip_batches.json; default the working directory. */
    public Builder excludeBatchesPath(Path path) {
      excludeBatchesPath = requireNonNull(path, "path is null");
      return this;
    }

    /** Lets losses that are not finite pass; they do not enter the running mean. */
    public Builder allowNonFinite() {
      finiteOnly = false;
      return this;
    }

    /** Returns the detector. */
    public SpikeDetection build() {
      return new SpikeDetection(this);
    }
  }
}
