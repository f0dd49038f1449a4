package io.fabric4j.internal.optim;

import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.optim.DjlOptimizer;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.strategies.FlatSlice;
import java.util.Map;
import java.util.Set;

/** The optimizer of one flat group, or of this rank's slice of it. */
public interface GroupOptimizer extends AutoCloseable {

  /** Makes the optimizers of the groups that belong to one configuration. */
  @FunctionalInterface
  interface Factory {

    /**
     * Allocates the state.
     *
     * @param slice the elements to keep state for and to update
     * @throws IllegalArgumentException if the configuration cannot update such a group or slice
     */
    GroupOptimizer create(FlatGroup group, FlatSlice slice, NDManager manager);
  }

  /**
   * Returns a factory, of which a DJL optimizer allows one.
   *
   * @throws IllegalArgumentException if the state of a DJL optimizer cannot be saved
   * @throws IllegalStateException if the DJL optimizer belongs to another setup
   */
  static Factory factory(OptimizerConfig config) {
    if (config instanceof DjlOptimizer djl) {
      DjlState state = new DjlState(djl.claim());
      return (group, slice, manager) -> new DjlGroupOptimizer(state, group, slice);
    }
    UpdateRule rule = UpdateRule.of(config);
    return (group, slice, manager) -> new FlatGroupOptimizer(rule, group, slice, manager);
  }

  /** Returns the gradients that this rank's update uses; the caller closes them. */
  FlatTensor gradient();

  /** Returns the group that is updated. */
  FlatGroup group();

  /** Returns whether other ranks update other slices of the group. */
  boolean isSharded();

  /** Updates every parameter that has a gradient and is not frozen. */
  void step();

  /** Returns the learning rate; NaN if only the update rule knows it. */
  double learningRate();

  /**
   * Sets the learning rate.
   *
   * @throws IllegalStateException if only the update rule can
   */
  void setLearningRate(double learningRate);

  /** Returns the bytes of state on this rank. */
  long stateBytes();

  /**
   * Returns the whole state by {@code <state>.<parameter>}: the live arrays, or if ranks keep a
   * slice each, copies. Collective in the latter case.
   *
   * @param owner of copies
   */
  Map<String, Object> arrays(ProcessGroup ranks, NDManager owner);

  /**
   * Returns where a state that is loaded goes.
   *
   * @param names of the arrays in the state
   * @param scratch owner of copies
   */
  StateTarget target(Set<String> names, NDManager scratch);

  /** Returns the numbers of updates, such as {@code step.<parameter>}. */
  Map<String, Object> steps();

  /** Takes over what {@link #steps()} and {@link #learningRate()} returned. */
  void load(Map<String, Object> state, double rate);

  @Override
  void close();
}
