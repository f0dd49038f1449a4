package io.fabric4j.internal.nccl;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.distributed.Operands;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.CudaGraph;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The group of ranks with one GPU each: arrays on the GPU go through NCCL, objects and arrays in
 * CPU memory through a host group. It owns the host group and closes it.
 *
 * <p>A collective on the GPU does not block the host. It follows what the default stream was given
 * before, and {@link Work#waitFor} makes what the default stream is given afterwards follow it: so
 * the arrays may be read, written and closed once {@code waitFor} has returned. {@link #barrier}
 * blocks until the GPU has done all it was given.
 *
 * <p>Errors come late: a collective that a peer does not join, or joins with another type or size,
 * ends the group, and the next call of any kind throws. What arrays hold then is undefined.
 *
 * <p>Collectives on the GPU may be started from more than one thread, for instance from autograd's
 * while the rank's thread waits for it, as long as all ranks start them in one order. All else
 * belongs to the rank's thread, {@link #abort} excepted. The calling thread's current CUDA device
 * becomes this rank's.
 */
public final class NcclProcessGroup implements ProcessGroup {
  private final ProcessGroup host;
  private final Device device;
  private final Predicate<NDArray> onDevice;
  private final DeviceCollectives collectives;
  private final List<ProcessGroup> subgroups = new ArrayList<>();
  private boolean closed;

  private NcclProcessGroup(
      ProcessGroup host,
      Device device,
      Predicate<NDArray> onDevice,
      DeviceCollectives collectives) {
    this.host = host;
    this.device = device;
    this.onDevice = onDevice;
    this.collectives = collectives;
  }

  /**
   * Connects the GPUs of a group's ranks. A collective: all ranks of the group must call it.
   *
   * @param host a group in CPU memory, owned by the result
   * @param device this rank's GPU, another one than any other rank's
   * @throws IllegalArgumentException if the device is no GPU
   * @throws io.fabric4j.FabricException if NCCL cannot be loaded, has different versions on the
   *     ranks, or cannot connect; the host group has ended then
   */
  public static NcclProcessGroup create(ProcessGroup host, Device device) {
    if (!device.isGpu()) {
      throw new IllegalArgumentException(
          "NCCL connects GPUs, not " + device + ". Use the host group itself for other devices.");
    }
    return create(host, device, array -> array.getDevice().equals(device));
  }

  /** Connects ranks whose device arrays are those that the predicate accepts. */
  static NcclProcessGroup create(ProcessGroup host, Device device, Predicate<NDArray> onDevice) {
    return new NcclProcessGroup(
        host, device, onDevice, NcclConnector.connect(host, device.getDeviceId()));
  }

  @Override
  public int rank() {
    return host.rank();
  }

  @Override
  public int size() {
    return host.size();
  }

  @Override
  public String transport() {
    return "nccl";
  }

  @Override
  public boolean isAsynchronous() {
    return true;
  }

  @Override
  public Work allReduce(NDArray array, ReduceOp op) {
    return isOnDevice(array, "array")
        ? allReduce(new NDList(array), op)
        : host().allReduce(array, op);
  }

  @Override
  public Work allReduce(NDList arrays, ReduceOp op) {
    if (arrays.isEmpty() || !areOnDevice(arrays)) {
      return ProcessGroup.super.allReduce(arrays, op);
    }
    List<FlatTensor> elements = new ArrayList<>();
    try {
      for (NDArray array : arrays) {
        elements.add(FlatTensor.of(array));
        Operands.requireReducible(elements.get(elements.size() - 1).dataType(), op);
      }
      return collectives().allReduce(elements, op);
    } finally {
      elements.forEach(FlatTensor::close);
    }
  }

  @Override
  public Work broadcast(NDArray array, int root) {
    if (!isOnDevice(array, "array")) {
      return host().broadcast(array, root);
    }
    Operands.requireRank(root, size());
    try (FlatTensor elements = FlatTensor.of(array)) {
      return collectives().broadcast(elements, root);
    }
  }

  @Override
  public Work allGather(NDArray output, NDArray input) {
    if (!areOnDevice(output, input)) {
      return host().allGather(output, input);
    }
    try (FlatTensor to = FlatTensor.of(output);
        FlatTensor from = FlatTensor.of(input)) {
      Operands.requireRows(to, "output", from, "input", size());
      return collectives().allGather(to, from);
    }
  }

  @Override
  public Work reduceScatter(NDArray output, NDArray input, ReduceOp op) {
    if (!areOnDevice(output, input)) {
      return host().reduceScatter(output, input, op);
    }
    try (FlatTensor to = FlatTensor.of(output);
        FlatTensor from = FlatTensor.of(input)) {
      Operands.requireReducible(to.dataType(), op);
      Operands.requireRows(from, "input", to, "output", size());
      return collectives().reduceScatter(to, from, op);
    }
  }

  @Override
  public Work barrier() {
    collectives().finish();
    return host().barrier();
  }

  @Override
  public <T extends Serializable> List<T> allGatherObject(T object) {
    return host().allGatherObject(object);
  }

  @Override
  public <T extends Serializable> T broadcastObject(T object, int root) {
    return host().broadcastObject(object, root);
  }

  @Override
  public NDArray allocate(NDManager manager, Shape shape, DataType dataType) {
    requireNonNull(manager, "manager is null");
    if (!manager.getDevice().equals(device)) {
      throw new IllegalArgumentException(
          "The manager creates arrays on "
              + manager.getDevice()
              + ", but this rank's collectives work on "
              + device
              + ". Pass a manager of that device.");
    }
    NDArray zeros = Casts.zeros(manager, shape, dataType);
    collectives().register(FlatTensor.of(zeros));
    return zeros;
  }

  @Override
  public Optional<ProcessGroup> subgroup(List<Integer> ranks) {
    return host().subgroup(ranks).map(this::connect);
  }

  @Override
  public Optional<ProcessGroup> subgroup(List<Integer> ranks, Duration callTimeout) {
    return host().subgroup(ranks, callTimeout).map(this::connect);
  }

  private ProcessGroup connect(ProcessGroup members) {
    subgroups.removeIf(group -> group instanceof NcclProcessGroup nccl && nccl.closed);
    NcclProcessGroup group = create(members, device, onDevice);
    subgroups.add(group);
    return group;
  }

  @Override
  public void abort(Throwable cause) {
    collectives.abort(requireNonNull(cause, "cause is null"));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      subgroups.forEach(ProcessGroup::close);
      collectives.close();
      host.close();
    }
  }

  private ProcessGroup host() {
    requireNoCapture();
    return host;
  }

  private DeviceCollectives collectives() {
    requireNoCapture();
    return collectives;
  }

  /** A replay would not repeat what a collective does on the host. */
  private static void requireNoCapture() {
    if (CudaGraph.isCapturing()) {
      throw new IllegalStateException(
          "Collectives cannot be part of a CUDA graph. Call them before or after it; gradients are"
              + " summed after each replay.");
    }
  }

  private boolean areOnDevice(NDList arrays) {
    boolean all = true;
    for (NDArray array : arrays) {
      all &= isOnDevice(array, "array");
    }
    return all;
  }

  private boolean areOnDevice(NDArray output, NDArray input) {
    boolean result = isOnDevice(output, "output");
    if (isOnDevice(input, "input") != result) {
      throw new IllegalArgumentException(
          "output is on "
              + output.getDevice()
              + " and input on "
              + input.getDevice()
              + ". Both have to be on "
              + device
              + ", or both in CPU memory.");
    }
    return result;
  }

  private boolean isOnDevice(NDArray array, String name) {
    requireNonNull(array, name + " is null");
    if (onDevice.test(array)) {
      return true;
    }
    if (array.getDevice().isGpu()) {
      throw new IllegalArgumentException(
          name + " is on " + array.getDevice() + ", but this rank's GPU is " + device + ".");
    }
    return false;
  }
}
