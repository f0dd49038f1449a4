package io.fabric4j.optim;

import ai.djl.training.optimizer.Adadelta;
import ai.djl.training.optimizer.Adagrad;
import ai.djl.training.optimizer.Nag;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.optimizer.RmsProp;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * An optimizer of DJL: its {@code Sgd}, {@code Adam}, {@code AdamW}, or one of your own. Each
 * parameter takes native calls of its own, where {@link SGD}, {@link Adam} and {@link AdamW} take
 * one for all.
 *
 * <pre>{@code
 * DjlOptimizer.of(Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build());
 * }</pre>
 *
 * <ul>
 *   <li>Its learning rate comes from its own tracker: {@code FabricOptimizer.setLearningRate} and
 *       schedulers fail, and {@link #learningRate()} is NaN.
 *   <li>DJL's updates zero the gradients that they have used.
 *   <li>Strategies that shard optimizer states cannot run it.
 *   <li>Its state for a checkpoint are fields of type {@code Map<String, Map<Device, NDArray>>}
 *       with arrays of the parameters' shapes, as DJL's own optimizers have; an optimizer with
 *       state of another type is rejected by {@code setup}.
 * </ul>
 */
public final class DjlOptimizer extends OptimizerConfig {
  private static final List<Class<? extends Optimizer>> WITHOUT_UPDATE =
      List.of(Nag.class, RmsProp.class, Adagrad.class, Adadelta.class);

  private final Optimizer optimizer;
  private final AtomicBoolean claimed;

  private DjlOptimizer(Optimizer optimizer, AtomicBoolean claimed, Predicate<String> parameters) {
    super(parameters);
    this.optimizer = optimizer;
    this.claimed = claimed;
  }

  /**
   * Takes a new optimizer, which belongs to one setup on one rank from then on.
   *
   * @throws IllegalArgumentException if DJL's PyTorch engine has no update for it
   */
  public static DjlOptimizer of(Optimizer optimizer) {
    Objects.requireNonNull(optimizer, "optimizer is null");
    if (WITHOUT_UPDATE.stream().anyMatch(type -> type.isInstance(optimizer))) {
      throw new IllegalArgumentException(
          "DJL's PyTorch engine has no update for "
              + optimizer.getClass().getSimpleName()
              + ", only for Sgd, Adam and AdamW. Use one of those, or an optimizer of"
              + " io.fabric4j.optim.");
    }
    return new DjlOptimizer(optimizer, new AtomicBoolean(), name -> true);
  }

  /** Returns this optimizer for some parameters only; see {@link Builder#parameters}. */
  public DjlOptimizer forParameters(Predicate<String> names) {
    return new DjlOptimizer(optimizer, claimed, Objects.requireNonNull(names, "names is null"));
  }

  /**
   * Returns the optimizer to the setup that is going to use it.
   *
   * @throws IllegalStateException if another has it
   */
  public Optimizer claim() {
    if (!claimed.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "This DJL optimizer belongs to another setup, and it keeps state. Make a new one for"
              + " each setup and, inside launch, on each rank.");
    }
    return optimizer;
  }
}
