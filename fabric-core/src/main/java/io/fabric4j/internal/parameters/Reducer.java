package io.fabric4j.internal.parameters;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.strategies.FlatBuffers;
import io.fabric4j.strategies.FlatModel;
import io.fabric4j.strategies.GradientSynchronizer;

/** Sums a model's gradients over the ranks after each announced backward. */
public final class Reducer implements GradientSynchronizer {
  private final FlatModel model;
  private final ProcessGroup group;
  private final GradientSum sum;

  /** Forwards whose backward has not come yet; those that share a loss leave some over. */
  private int announced;

  /** Gives every rank the parameters and buffers of rank 0. Collective. */
  public Reducer(FlatModel model, ProcessGroup group, GradientSum sum) {
    this.model = model;
    this.group = group;
    this.sum = sum;
    for (FlatBuffers flat : model.groups()) {
      group.broadcast(flat.parameterArray(), 0).waitFor();
    }
    model.constants().forEach(array -> group.broadcast(array, 0).waitFor());
  }

  /** Announces a backward that ends in a reduction; collective if the model has buffers. */
  @Override
  public void beforeForward(int source) {
    announced++;
    model.buffers().forEach(buffer -> group.broadcast(buffer, source).waitFor());
  }

  @Override
  public void beforeBackward() {
    if (announced > 0) {
      sum.beforeBackward();
    }
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
    model.groups().forEach(FlatBuffers::prepareReduce);
    sum.run();
    boolean reached = false;
    for (FlatBuffers flat : model.groups()) {
      reached |= flat.finishReduce();
    }
    if (reached) {
      announced--;
    }
  }

  @Override
  public String describe() {
    return sum.describe();
  }

  @Override
  public void close() {
    sum.close();
  }
}
