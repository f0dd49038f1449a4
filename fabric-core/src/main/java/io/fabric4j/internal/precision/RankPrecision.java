package io.fabric4j.internal.precision;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.Autocast;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.Precision;
import java.util.function.UnaryOperator;

/**
 * One rank's precision. It changes nothing that other threads see, libtorch's default type least.
 */
public final class RankPrecision {
  private final Precision precision;
  private final Device device;
  private final GradScaler scaler;

  /**
   * Creates the precision of a rank.
   *
   * @param scaler of this rank alone; null for the default, which is to scale in 16-mixed
   * @throws IllegalArgumentException if a scaler is given to another mode than 16-mixed
   */
  public RankPrecision(Precision precision, Device device, GradScaler scaler) {
    if (scaler != null && precision != Precision.MIXED_16) {
      throw new IllegalArgumentException(
          "A GradScaler was given with precision "
              + precision.id()
              + ", which does not scale the loss. Leave it out, or choose 16-mixed on a GPU.");
    }
    this.precision = precision;
    this.device = device;
    this.scaler =
        scaler == null && precision == Precision.MIXED_16 ? GradScaler.builder().build() : scaler;
  }

  public Precision precision() {
    return precision;
  }

  /** Returns the scaler of 16-mixed, null in other modes. */
  public GradScaler scaler() {
    return scaler;
  }

  /** Returns the factor of the loss for the backward that begins. */
  public double beginBackward() {
    return scaler == null ? 1 : scaler.beginBackward();
  }

  /** Returns whether gradients are wrong unless {@code fabric.backward} computes them. */
  public boolean requiresBackward() {
    return precision.isMixed();
  }

  /**
   * Runs forward: casts floating inputs, runs the function under autocast in mixed modes, and casts
   * floating outputs to float32 afterwards, also in 64-true, as Lightning Fabric does. 32-true
   * changes nothing. Casts of inputs that require a gradient are differentiable.
   */
  public NDList runForward(NDList inputs, UnaryOperator<NDList> forward) {
    if (precision.computeType() == null) {
      return forward.apply(inputs);
    }
    NDList converted = cast(inputs, precision.computeType());
    return cast(runInContext(converted, forward), DataType.FLOAT32);
  }

  private NDList runInContext(NDList inputs, UnaryOperator<NDList> forward) {
    if (!precision.isMixed()) {
      return forward.apply(inputs);
    }
    try (Autocast autocast = forwardContext()) {
      return forward.apply(inputs);
    }
  }

  /**
   * Turns autocast on for this thread, for code outside of forward.
   *
   * @return null unless the mode is mixed; try-with-resources accepts it
   */
  public Autocast forwardContext() {
    return precision.isMixed() ? Autocast.enable(device, precision.computeType()) : null;
  }

  private static NDList cast(NDList arrays, DataType type) {
    NDList result = new NDList(arrays.size());
    for (NDArray array : arrays) {
      result.add(Casts.floatingToType(array, type));
    }
    return result;
  }
}
