package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.FlatBuffers;
import io.fabric4j.strategies.FlatSlice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * The parameters of one optimizer group and data type, contiguous in memory in reverse registration
 * order, which is about the order in which backward finishes them. The gradient buffer ends with
 * one flag per parameter and one for the group, so that the last bucket of an all-reduce also tells
 * which parameters have a gradient on any rank, and whether any rank's last backward added to one.
 */
public final class FlatGroup implements FlatBuffers, AutoCloseable {
  private static final int NONE = -1;
  private static final int HOST_ALIGNMENT_BYTES = 64;
  private static final int DEVICE_ALIGNMENT_BYTES = 512;

  private final List<ParameterSlot> slots = new ArrayList<>();
  private final GroupSettings settings;
  private final DataType dataType;
  private final int alignmentBytes;
  private final long length;
  private final NDArray dataArray;
  private final NDArray gradientArray;
  private final FlatTensor data;
  private final FlatTensor gradient;
  private final FlatTensor flags;
  private FlatSlice kept;
  private volatile Runnable listener = () -> {};
  private volatile IntConsumer watcher;
  private int hooked;
  private boolean fresh;

  FlatGroup(
      List<Map.Entry<String, Parameter>> parameters,
      GroupSettings settings,
      NDManager manager,
      ProcessGroup group) {
    this.settings = settings;
    dataType = Casts.dataType(parameters.get(0).getValue().getArray());
    alignmentBytes = manager.getDevice().isGpu() ? DEVICE_ALIGNMENT_BYTES : HOST_ALIGNMENT_BYTES;
    List<Map.Entry<String, Parameter>> reversed = new ArrayList<>(parameters);
    Collections.reverse(reversed);
    long end = 0;
    for (Map.Entry<String, Parameter> entry : reversed) {
      slots.add(new ParameterSlot(entry.getKey(), entry.getValue(), slots.size(), end));
      end = align(end + entry.getValue().getArray().size(), 1);
    }
    length = align(end, group.size());
    kept = new FlatSlice(0, group.rank() == 0 ? length : 0);
    dataArray = Casts.zeros(manager, new Shape(length), dataType);
    gradientArray =
        group.allocate(manager, new Shape(length + align(slots.size() + 1, 1)), dataType);
    data = FlatTensor.of(dataArray);
    FlatTensor all = FlatTensor.of(gradientArray);
    gradient = all.slice(0, length);
    flags = all.slice(length, slots.size() + 1);
    all.close();
    for (ParameterSlot slot : slots) {
      slot.attach(this);
    }
  }

  private long align(long elements, int parts) {
    long unit = (long) parts * alignmentBytes / dataType.getNumOfBytes();
    return (elements + unit - 1) / unit * unit;
  }

  public List<ParameterSlot> slots() {
    return slots;
  }

  /** Returns the index of the optimizer that updates the group, -1 for none. */
  public int optimizer() {
    return settings.optimizer();
  }

  public double learningRate() {
    return settings.learningRate();
  }

  public double weightDecay() {
    return settings.weightDecay();
  }

  public DataType dataType() {
    return dataType;
  }

  @Override
  public long length() {
    return length;
  }

  /** Returns the values of all parameters, padding included. */
  public FlatTensor data() {
    return data;
  }

  /** Returns the gradients of all parameters, padding included. */
  public FlatTensor gradient() {
    return gradient;
  }

  @Override
  public NDArray parameterArray() {
    return dataArray;
  }

  @Override
  public NDArray gradientArray() {
    return gradientArray;
  }

  @Override
  public long[] offsets() {
    return slots.stream().mapToLong(ParameterSlot::offset).toArray();
  }

  FlatSlice kept() {
    return kept;
  }

  @Override
  public boolean isReduced() {
    return slots.stream().anyMatch(ParameterSlot::isReduced);
  }

  @Override
  public void watchGradients(IntConsumer value) {
    hooked = NONE;
    watcher = value;
  }

  /** Runs before autograd adds to a parameter's gradient, when it has added to the last one's. */
  void hooked(int index) {
    IntConsumer current = watcher;
    if (current != null) {
      if (hooked != NONE) {
        current.accept(hooked);
      }
      hooked = index;
    }
  }

  void onGradient(Runnable value) {
    listener = value;
  }

  Runnable listener() {
    return listener;
  }

  /** Returns whether a parameter has received a gradient since the last zeroing. */
  public boolean isTouched() {
    return slots.stream().anyMatch(ParameterSlot::isTouched);
  }

  boolean[] touched() {
    return flags(ParameterSlot::isTouched);
  }

  boolean[] reduced() {
    return flags(ParameterSlot::isReduced);
  }

  private boolean[] flags(Predicate<ParameterSlot> flag) {
    boolean[] result = new boolean[slots.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = flag.test(slots.get(i));
    }
    return result;
  }

  /** Puts back what {@link #touched} and {@link #reduced} returned. */
  void restore(boolean[] touched, boolean[] reduced) {
    for (int i = 0; i < touched.length; i++) {
      slots.get(i).restore(touched[i], reduced[i]);
    }
  }

  @Override
  public void keepReduced(FlatSlice slice) {
    kept = slice;
  }

  /** Zeroes the gradients; afterwards no parameter counts as reached by a backward. */
  public void zeroGradient() {
    gradient.zero();
    for (ParameterSlot slot : slots) {
      slot.restore(false, false);
    }
  }

  @Override
  public void prepareReduce() {
    fresh = slots.stream().anyMatch(slot -> slot.isTouched() && !slot.isReduced());
    for (ParameterSlot slot : slots) {
      if (slot.isReduced()) {
        slot.dropReduced(kept);
      }
    }
    writeFlags();
  }

  @Override
  public boolean finishReduce() {
    boolean allTouched = slots.stream().allMatch(ParameterSlot::isTouched);
    if (!fresh || !allTouched) {
      boolean[] reached = flags.nonZero();
      fresh = reached[slots.size()];
      for (int i = 0; i < slots.size(); i++) {
        slots.get(i).setTouched(reached[i]);
      }
    }
    slots.forEach(slot -> slot.setReduced(true));
    return fresh;
  }

  private void writeFlags() {
    flags.zero();
    int start = 0;
    while (start <= slots.size()) {
      int end = start + 1;
      while (end <= slots.size() && flag(end) == flag(start)) {
        end++;
      }
      if (flag(start)) {
        try (FlatTensor run = flags.slice(start, end - start)) {
          run.fill(1);
        }
      }
      start = end;
    }
  }

  private boolean flag(int index) {
    return index < slots.size() ? slots.get(index).isTouched() : fresh;
  }

  @Override
  public void close() {
    slots.forEach(ParameterSlot::detach);
    flags.close();
    gradient.close();
    data.close();
    gradientArray.close();
    dataArray.close();
  }
}
