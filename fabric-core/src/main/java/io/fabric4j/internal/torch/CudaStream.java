package io.fabric4j.internal.torch;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;

/** A stream on which libtorch launches the operations of a thread. */
final class CudaStream {
  private final Value value;

  private CudaStream(Value value) {
    this.value = value;
  }

  /** {@code c10::cuda::CUDAStream}. */
  @FieldOrder({"device", "id"})
  public static final class Value extends Structure implements Structure.ByValue {
    /** The device's type in the lowest byte, its index in the next. */
    public long device;

    /** libtorch's name of the stream. */
    public long id;
  }

  private static final class Library {
    private static final NativeFunctions C10_CUDA = NativeFunctions.of("libc10_cuda.so");
    private static final Function FROM_POOL = C10_CUDA.find("_ZN3c104cuda17getStreamFromPoolEba");
    private static final Function CURRENT = C10_CUDA.find("_ZN3c104cuda20getCurrentCUDAStreamEa");
    private static final Function SET_CURRENT =
        C10_CUDA.find("_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE");
    private static final Function HANDLE = C10_CUDA.find("_ZNK3c104cuda10CUDAStream6streamEv");
  }

  /** Returns one of libtorch's streams of a device. */
  static CudaStream fromPool(int device) {
    return new CudaStream(
        (Value) Library.FROM_POOL.invoke(Value.class, new Object[] {(byte) 0, (byte) device}));
  }

  /** Returns the calling thread's stream of a device. */
  static CudaStream current(int device) {
    return new CudaStream(
        (Value) Library.CURRENT.invoke(Value.class, new Object[] {(byte) device}));
  }

  /** Makes this the calling thread's stream. */
  void makeCurrent() {
    Library.SET_CURRENT.invoke(Void.class, new Object[] {value});
  }

  /** Returns CUDA's own handle. */
  Pointer handle() {
    value.write();
    return (Pointer) Library.HANDLE.invoke(Pointer.class, new Object[] {value.getPointer()});
  }
}
