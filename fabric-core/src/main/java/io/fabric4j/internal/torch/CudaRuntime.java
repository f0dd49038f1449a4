package io.fabric4j.internal.torch;

import ai.djl.Device;
import com.sun.jna.Function;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import io.fabric4j.FabricException;

/** Calls of the CUDA runtime that libtorch has loaded. */
public final class CudaRuntime {
  private static final int ACTIVE = 1;

  private CudaRuntime() {}

  private static final class Library {
    private static final NativeFunctions CUDART = NativeFunctions.of("libcudart");
    private static final Function SET_DEVICE = CUDART.find("cudaSetDevice");
    private static final Function GET_DEVICE = CUDART.find("cudaGetDevice");
    private static final Function MEMORY = CUDART.find("cudaMemGetInfo");
    private static final Function SYNCHRONIZE = CUDART.find("cudaDeviceSynchronize");
    private static final Function IS_CAPTURING = CUDART.find("cudaStreamIsCapturing");
    private static final Function END_CAPTURE = CUDART.find("cudaStreamEndCapture");
    private static final Function BEGIN_CAPTURE = CUDART.find("cudaStreamBeginCapture");
    private static final Function CLEAR_ERROR = CUDART.find("cudaGetLastError");
    private static final Function ERROR = CUDART.find("cudaGetErrorString");
  }

  /**
   * Memory of a GPU, in bytes.
   *
   * @param free not taken by any process
   * @param total of the GPU
   */
  public record Memory(long free, long total) {}

  /** Returns the calling thread's GPU. */
  public static int device() {
    IntByReference index = new IntByReference();
    check("cudaGetDevice", Library.GET_DEVICE, index);
    return index.getValue();
  }

  /** Makes a GPU the calling thread's. */
  public static void setDevice(int index) {
    check("cudaSetDevice(" + index + ")", Library.SET_DEVICE, index);
  }

  /** Waits for all that this process has given the calling thread's GPU to do. */
  public static void synchronize() {
    check("cudaDeviceSynchronize", Library.SYNCHRONIZE);
  }

  /** Returns the memory of a GPU; what libtorch keeps for later counts as taken. */
  public static Memory memory(Device device) {
    LongByReference free = new LongByReference();
    LongByReference total = new LongByReference();
    int before = device();
    setDevice(device.getDeviceId());
    try {
      check("cudaMemGetInfo", Library.MEMORY, free, total);
    } finally {
      setDevice(before);
    }
    return new Memory(free.getValue(), total.getValue());
  }

  static boolean isCapturing(Pointer stream) {
    IntByReference status = new IntByReference();
    check("cudaStreamIsCapturing", Library.IS_CAPTURING, stream, status);
    return status.getValue() == ACTIVE;
  }

  /** Drops what a capture recorded, also if CUDA has invalidated it, and begins an empty one. */
  static void restartCapture(Pointer stream, int mode) {
    Library.END_CAPTURE.invoke(Integer.class, new Object[] {stream, new PointerByReference()});
    Library.CLEAR_ERROR.invoke(Integer.class, new Object[0]);
    check("cudaStreamBeginCapture", Library.BEGIN_CAPTURE, stream, mode);
  }

  private static void check(String call, Function function, Object... arguments) {
    int error = (int) function.invoke(Integer.class, arguments);
    if (error != 0) {
      throw new FabricException(
          call
              + " failed: CUDA error "
              + error
              + ", "
              + Library.ERROR.invoke(String.class, new Object[] {error})
              + ".");
    }
  }
}
