package io.fabric4j.precision;

import io.fabric4j.Stateful;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The loss scale of {@code 16-mixed}: gradients are computed of the scaled loss, so that small ones
 * do not vanish in float16, and divided by the scale before they are used. A step with a non-finite
 * gradient is skipped and lowers the scale; {@code growthInterval} clean ones raise it. The rule is
 * that of {@code torch.amp.GradScaler}.
 *
 * <p>Lightning Fabric changes the scale after each optimizer's step, which corrupts the gradients
 * other optimizers hold. Here it changes at the beginning of a backward, when no optimizer holds
 * scaled gradients and each has stepped, or one has stepped twice: at most once per iteration.
 *
 * <p>Not thread-safe: one object per rank.
 */
public final class GradScaler implements Stateful {
  private static final String SCALE = "scale";
  private static final String GROWTH_TRACKER = "_growth_tracker";

  private final Builder settings;
  private final List<ScaledGradients> optimizers = new ArrayList<>();
  private final Set<ScaledGradients> stepped = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean roundComplete;
  private boolean foundInf;
  private double scale;
  private long growthTracker;

  private GradScaler(Builder settings) {
    this.settings = settings;
    this.scale = settings.initScale;
  }

  /** Returns a builder with torch's defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a scaler of the same settings in its initial state, for another rank. */
  public GradScaler fresh() {
    return new GradScaler(settings);
  }

  /** Returns the factor of the loss, 1 if disabled. */
  public double scale() {
    return settings.enabled ? scale : 1;
  }

  /** Returns whether losses are scaled at all. */
  public boolean isEnabled() {
    return settings.enabled;
  }

  /** Adds an optimizer and returns what keeps track of its gradients. */
  public ScaledGradients register() {
    ScaledGradients gradients = new ScaledGradients(this);
    optimizers.add(gradients);
    return gradients;
  }

  /** Applies a pending change and returns the factor of the loss for the backward that follows. */
  public double beginBackward() {
    if (roundComplete) {
      flush();
    }
    return scale();
  }

  void stepped(ScaledGradients gradients, boolean overflow) {
    foundInf |= overflow;
    boolean repeated = !stepped.add(gradients);
    roundComplete |= repeated || stepped.size() == optimizers.size();
  }

  private void flush() {
    if (stepped.isEmpty() || optimizers.stream().anyMatch(ScaledGradients::isScaled)) {
      return;
    }
    update(foundInf);
    stepped.clear();
    roundComplete = false;
    foundInf = false;
  }

  private void update(boolean overflow) {
    if (!settings.enabled) {
      return;
    }
    if (overflow) {
      scale = (float) (scale * settings.backoffFactor);
      growthTracker = 0;
      return;
    }
    growthTracker++;
    if (growthTracker == settings.growthInterval) {
      float grown = (float) (scale * settings.growthFactor);
      scale = Float.isFinite(grown) ? grown : scale;
      growthTracker = 0;
    }
  }

  /** Returns the state under torch's names, after applying a pending change. */
  @Override
  public Map<String, Object> stateDict() {
    flush();
    Map<String, Object> state = new LinkedHashMap<>();
    state.put(SCALE, scale);
    state.put(GROWTH_TRACKER, growthTracker);
    return state;
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    if (!(state.get(SCALE) instanceof Number newScale)
        || !(state.get(GROWTH_TRACKER) instanceof Number tracker)) {
      throw new IllegalArgumentException(
          "The state of a GradScaler needs the numbers scale and _growth_tracker, got "
              + state
              + ". Pass what stateDict returned.");
    }
    scale = newScale.doubleValue();
    growthTracker = tracker.longValue();
    stepped.clear();
    roundComplete = false;
    foundInf = false;
  }

  /** Builds a {@link GradScaler}. */
  public static final class Builder {
    private double initScale = 65536;
    private double growthFactor = 2;
    private double backoffFactor = 0.5;
    private long growthInterval = 2000;
    private boolean enabled = true;

    private Builder() {}

    /** Sets the first scale, 65536 by default. */
    public Builder initScale(double value) {
      initScale = value;
      return this;
    }

    /** Sets the factor of growth, above 1; 2 by default. */
    public Builder growthFactor(double value) {
      growthFactor = value;
      return this;
    }

    /** Sets the factor after an overflow, between 0 and 1; 0.5 by default. */
    public Builder backoffFactor(double value) {
      backoffFactor = value;
      return this;
    }

    /** Sets how many clean updates in a row raise the scale, 2000 by default. */
    public Builder growthInterval(long value) {
      growthInterval = value;
      return this;
    }

    /** Chooses whether losses are scaled, true by default. */
    public Builder enabled(boolean value) {
      enabled = value;
      return this;
    }

    /**
     * Returns the scaler; the builder must not be used afterwards.
     *
     * @throws IllegalArgumentException if a setting is out of bounds
     */
    public GradScaler build() {
      require(initScale > 0 && Double.isFinite(initScale), "initScale", initScale, "positive");
      require(growthFactor > 1, "growthFactor", growthFactor, "above 1");
      require(backoffFactor > 0 && backoffFactor < 1, "backoffFactor", backoffFactor, "in (0, 1)");
      require(growthInterval > 0, "growthInterval", growthInterval, "positive");
      return new GradScaler(this);
    }

    private static void require(boolean valid, String name, Object value, String bounds) {
      if (!valid) {
        throw new IllegalArgumentException(
            "GradScaler's " + name + " is " + value + ". It has to be " + bounds + ".");
      }
    }
  }
}
