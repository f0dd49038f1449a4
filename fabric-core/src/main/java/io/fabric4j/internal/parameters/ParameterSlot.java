package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.GradientHook;
import io.fabric4j.internal.torch.ParameterAlias;
import io.fabric4j.strategies.FlatSlice;

/** One trainable parameter and its place in the flat buffers of its group. */
public final class ParameterSlot {
  private final String name;
  private final Parameter parameter;
  private final NDArray array;
  private final int index;
  private final long offset;
  private final long length;
  private FlatGroup group;
  private FlatTensor data;
  private FlatTensor gradient;
  private long address;
  private GradientHook hook;
  // On CUDA, hooks run on autograd's device thread.
  private volatile boolean touched;
  private volatile boolean reduced;

  /**
   * @param index position in the group
   */
  ParameterSlot(String name, Parameter parameter, int index, long offset) {
    this.name = name;
    this.parameter = parameter;
    this.array = parameter.getArray();
    this.index = index;
    this.offset = offset;
    this.length = array.size();
  }

  /** Moves the parameter into the buffers of its group. */
  void attach(FlatGroup owner) {
    group = owner;
    data = group.data().slice(offset, length);
    gradient = group.gradient().slice(offset, length);
    ParameterAlias.attach(array, data, gradient);
    address = data.address();
    hook = GradientHook.register(array, this::onHook);
  }

  /** Runs before autograd adds to the gradient, in a backward that is not a replay. */
  private void onHook() {
    group.hooked(index);
    onGradient();
  }

  /** Runs before something is added to the gradient. */
  void onGradient() {
    group.listener().run();
    touched = true;
    if (reduced) {
      dropReduced(group.kept());
    }
  }

  /**
   * An already reduced gradient is known to several ranks; before it is part of another sum, each
   * element is dropped by all but one.
   */
  void dropReduced(FlatSlice kept) {
    reduced = false;
    FlatSlice mine = slice().intersect(kept);
    zero(offset, mine.begin());
    zero(mine.end(), offset + length);
  }

  private void zero(long begin, long end) {
    if (begin < end) {
      try (FlatTensor part = gradient.slice(begin - offset, end - begin)) {
        part.zero();
      }
    }
  }

  /** Returns the place in the group's buffers. */
  public FlatSlice slice() {
    return new FlatSlice(offset, offset + length);
  }

  void detach() {
    hook.close();
    ParameterAlias.detach(array);
    data.close();
    gradient.close();
  }

  public String name() {
    return name;
  }

  public Parameter parameter() {
    return parameter;
  }

  public NDArray array() {
    return array;
  }

  /** Returns the first element's index in the group's buffers. */
  public long offset() {
    return offset;
  }

  /** Returns the number of elements. */
  public long length() {
    return length;
  }

  /**
   * Returns whether a gradient has arrived since the last zeroing and the parameter is not frozen.
   */
  public boolean needsUpdate() {
    return touched && parameter.requiresGradient();
  }

  /** Returns the largest magnitude in the gradient. */
  public double gradientNorm() {
    return gradient.norm(Double.POSITIVE_INFINITY);
  }

  boolean isTouched() {
    return touched;
  }

  void setTouched(boolean touched) {
    this.touched = touched;
  }

  void restore(boolean wasTouched, boolean wasReduced) {
    touched = wasTouched;
    reduced = wasReduced;
  }

  boolean isReduced() {
    return reduced;
  }

  void setReduced(boolean reduced) {
    this.reduced = reduced;
  }

  /** Returns whether the block still uses the array and memory that were set up. */
  boolean isUnchanged() {
    return parameter.isInitialized()
        && parameter.getArray() == array
        && ParameterAlias.isAt(array, address);
  }
}
