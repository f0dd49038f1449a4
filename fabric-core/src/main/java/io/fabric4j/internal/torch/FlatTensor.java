package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ReduceOp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A one-dimensional window on tensor memory, outside the autograd graph. Slices and views share
 * memory with what they were made from and keep it alive.
 */
public final class FlatTensor implements AutoCloseable {
  private final Tensor tensor;
  private final DataType dataType;
  private final long length;

  private FlatTensor(Tensor tensor) {
    this(tensor, Tensors.dataType(tensor), tensor.numel());
  }

  private FlatTensor(Tensor tensor, DataType dataType, long length) {
    this.tensor = tensor;
    this.dataType = dataType;
    this.length = length;
  }

  /**
   * Returns all elements of an array as one dimension, without copying.
   *
   * @throws IllegalArgumentException if the array's memory is not contiguous
   */
  public static FlatTensor of(NDArray array) {
    Tensor source = Tensors.borrow(array);
    if (!source.is_contiguous()) {
      throw new IllegalArgumentException(
          "The array of shape "
              + array.getShape()
              + " is not contiguous in memory. Pass array.duplicate() instead.");
    }
    try (Tensor detached = source.detach()) {
      return new FlatTensor(detached.view(-1));
    }
  }

  /**
   * Returns all elements of an array in row-major order as one dimension, copied only if the
   * array's memory is not contiguous.
   */
  public static FlatTensor read(NDArray array) {
    try (Tensor detached = Tensors.borrow(array).detach();
        Tensor dense = detached.contiguous()) {
      return new FlatTensor(dense.view(-1));
    }
  }

  /** Wraps a one-dimensional tensor and owns it. */
  static FlatTensor take(Tensor tensor) {
    return new FlatTensor(tensor);
  }

  /** Creates a tensor in CPU memory whose values are undefined; untouched pages take no memory. */
  public static FlatTensor empty(DataType dataType, long length) {
    try (ScalarTypeOptional type = new ScalarTypeOptional(Tensors.scalarType(dataType));
        LayoutOptional layout = new LayoutOptional();
        DeviceOptional device = new DeviceOptional();
        BoolOptional pinned = new BoolOptional();
        MemoryFormatOptional format = new MemoryFormatOptional()) {
      return new FlatTensor(torch.empty(new long[] {length}, type, layout, device, pinned, format));
    }
  }

  /** Creates a tensor of zeros in CPU memory. */
  public static FlatTensor zeros(DataType dataType, long length) {
    try (ScalarTypeOptional type = new ScalarTypeOptional(Tensors.scalarType(dataType));
        LayoutOptional layout = new LayoutOptional();
        DeviceOptional device = new DeviceOptional();
        BoolOptional pinned = new BoolOptional()) {
      return new FlatTensor(torch.zeros(new long[] {length}, type, layout, device, pinned));
    }
  }

  /**
   * Maps a file of at least {@code length} elements; writes are seen by every process that maps it.
   * The mapping lives as long as any tensor on it, also after the file has been unlinked.
   */
  public static FlatTensor mapShared(Path file, DataType dataType, long length) {
    try (BoolOptional shared = new BoolOptional(true);
        LongOptional size = new LongOptional(length);
        ScalarTypeOptional type = new ScalarTypeOptional(Tensors.scalarType(dataType));
        LayoutOptional layout = new LayoutOptional();
        DeviceOptional device = new DeviceOptional();
        BoolOptional pinned = new BoolOptional()) {
      return new FlatTensor(
          torch.from_file(file.toString(), shared, size, type, layout, device, pinned));
    }
  }

  /** Copies the elements of one array into another of the same shape and type. */
  public static void copy(NDArray target, NDArray source) {
    try (Tensor detached = Tensors.borrow(target).detach()) {
      detached.copy_(Tensors.borrow(source));
    }
  }

  public DataType dataType() {
    return dataType;
  }

  public long length() {
    return length;
  }

  public int elementSize() {
    return dataType.getNumOfBytes();
  }

  /** Returns the address of the first element, 0 if there is none. */
  public long address() {
    Pointer first = tensor.data_ptr();
    return first == null ? 0 : first.address();
  }

  /** Returns whether an array or another window uses the memory too. */
  public boolean isShared() {
    int own = tensor.is_view() ? 2 : 1; // autograd lets a view keep what it is a view of
    return tensor.storage().use_count() > own;
  }

  public FlatTensor slice(long offset, long count) {
    return new FlatTensor(tensor.narrow(0, offset, count), dataType, count);
  }

  /** Returns the same memory as elements of another type; the size in bytes has to fit. */
  public FlatTensor as(DataType type) {
    return new FlatTensor(
        tensor.view(Tensors.scalarType(type)), type, length * elementSize() / type.getNumOfBytes());
  }

  public void zero() {
    tensor.zero_();
  }

  public void fill(double value) {
    try (Scalar scalar = new Scalar(value)) {
      tensor.fill_(scalar);
    }
  }

  /** Multiplies every element of a floating-point tensor. */
  public void multiply(double factor) {
    try (Scalar scalar = new Scalar(factor)) {
      tensor.mul_(scalar);
    }
  }

  /** Returns which elements differ from zero; waits for the device. */
  public boolean[] nonZero() {
    boolean[] result = new boolean[Math.toIntExact(length)];
    try (Scalar zero = new Scalar(0.0);
        Tensor differs = tensor.ne(zero);
        FlatTensor host = new FlatTensor(differs.cpu())) {
      ByteBuffer bytes = host.bytes(0, result.length);
      for (int i = 0; i < result.length; i++) {
        result[i] = bytes.get(i) != 0;
      }
    }
    return result;
  }

  /** Returns a tensor of zeros of this one's type, on its device. */
  public FlatTensor newZeros(long count) {
    return new FlatTensor(tensor.new_zeros(count));
  }

  /** Returns whether the elements are in CPU memory. */
  public boolean isOnHost() {
    return tensor.is_cpu();
  }

  /** Returns the elements in CPU memory: the same memory if they are there, else a copy. */
  public FlatTensor toHost() {
    return new FlatTensor(tensor.cpu());
  }

  public void copyFrom(FlatTensor source) {
    tensor.copy_(source.tensor);
  }

  /** Combines the other tensor's elements into this one; {@code AVG} adds. */
  public void reduce(ReduceOp op, FlatTensor other) {
    switch (op) {
      case SUM, AVG -> tensor.add_(other.tensor);
      case PRODUCT -> tensor.mul_(other.tensor);
      case MIN -> torch.minimum_out(tensor, tensor, other.tensor);
      case MAX -> torch.maximum_out(tensor, tensor, other.tensor);
    }
  }

  /** Divides every element; integers are truncated toward zero. */
  public void divide(long divisor) {
    try (Scalar scalar = new Scalar(divisor)) {
      if (dataType.isFloating()) {
        tensor.div_(scalar);
      } else {
        try (BytePointer trunc = new BytePointer("trunc");
            StringViewOptional mode = new StringViewOptional(trunc)) {
          tensor.div_(scalar, mode);
        }
      }
    }
  }

  /** Limits every element to [-limit, limit]; NaN stays. */
  public void clamp(double limit) {
    try (Scalar low = new Scalar(-limit);
        Scalar high = new Scalar(limit);
        ScalarOptional min = new ScalarOptional(low);
        ScalarOptional max = new ScalarOptional(high)) {
      tensor.clamp_(min, max);
    }
  }

  /** Returns the p-norm, 0 if there is no element; half precision is summed in single. */
  public double norm(double p) {
    if (length == 0) {
      return 0;
    }
    DataType sumType = elementSize() < Float.BYTES ? DataType.FLOAT32 : dataType;
    try (Scalar order = new Scalar(p);
        ScalarTypeOptional type = new ScalarTypeOptional(Tensors.scalarType(sumType));
        Tensor norm = torch.linalg_vector_norm(tensor, order, new long[] {0}, false, type)) {
      return norm.item_double();
    }
  }

  /**
   * Returns a window on the raw bytes in native order, valid while this tensor is open, which has
   * to be in CPU memory.
   *
   * @param byteOffset from the first element
   * @param byteLength at most {@link Integer#MAX_VALUE}
   */
  public ByteBuffer bytes(long byteOffset, int byteLength) {
    if (byteOffset < 0 || byteOffset + byteLength > length * elementSize()) {
      throw new IndexOutOfBoundsException(
          byteLength + " bytes at " + byteOffset + " of " + length * elementSize());
    }
    if (byteLength == 0) {
      return ByteBuffer.allocate(0);
    }
    if (!isOnHost()) {
      throw new IllegalStateException(
          "Only CPU memory has bytes that Java can read: use toHost().");
    }
    BytePointer pointer = new BytePointer(tensor.data_ptr());
    return pointer
        .position(byteOffset)
        .limit(byteOffset + byteLength)
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** Tells the kernel that a mapped file is read here and there, not in a row. */
  public void expectRandomReads() {
    PageAdvice.random(address(), length * elementSize());
  }

  /** Lets the kernel read a part of a mapped file ahead; several parts are read at once. */
  public void readAhead(long byteOffset, long byteLength) {
    PageAdvice.willNeed(address() + byteOffset, byteLength);
  }

  /** Returns an array that shares this memory. */
  public NDArray toArray(NDManager manager, Shape shape) {
    return Tensors.give(manager, tensor.view(shape.getShape()));
  }

  /** Returns an array that shares this memory, with the shape and strides of another one. */
  public NDArray toArrayLike(NDArray like, NDManager manager) {
    return Tensors.give(manager, ParameterAlias.shaped(this, Tensors.borrow(like)));
  }

  @Override
  public void close() {
    tensor.close();
  }

  Tensor tensor() {
    return tensor;
  }
}
