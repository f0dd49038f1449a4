package io.fabric4j.internal.torch;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.jni.JniUtils;
import io.fabric4j.precision.MatmulPrecision;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's settings of the calling thread during the code of one rank, put back on close. Threads
 * are pooled, and a new thread starts with autograd on while the one that loaded DJL has it off.
 */
public final class TorchThread implements AutoCloseable {
  private static final int NO_DEVICE = -1;

  private final boolean gradMode = JniUtils.isGradMode();
  private final int threads = JniUtils.getNumThreads();

  private final int intraOpThreads;
  private final boolean flushDenormals;
  private final Device device;
  private final int cudaDevice;

  private TorchThread(int intraOpThreads, boolean flushDenormals, Device device) {
    this.intraOpThreads = intraOpThreads;
    this.flushDenormals = flushDenormals;
    this.device = device;
    cudaDevice = device.isGpu() ? CudaRuntime.device() : NO_DEVICE;
  }

  /** Prepares the calling thread for work on the CPU; see {@link #enter(int, boolean, Device)}. */
  public static TorchThread enter(int intraOpThreads, boolean flushDenormals) {
    return enter(intraOpThreads, flushDenormals, Device.cpu());
  }

  /**
   * Prepares the calling thread for training.
   *
   * @param intraOpThreads threads that one native operation may use
   * @param flushDenormals whether denormal numbers count as zero
   * @param device where it computes
   */
  public static TorchThread enter(int intraOpThreads, boolean flushDenormals, Device device) {
    TorchThread thread = new TorchThread(intraOpThreads, flushDenormals, device);
    if (device.isGpu()) {
      CudaRuntime.setDevice(device.getDeviceId());
    }
    if (flushDenormals) {
      Context.setFlushDenormal(true);
    }
    JniUtils.setGradMode(true);
    JniUtils.setNumThreads(intraOpThreads);
    return thread;
  }

  /** Returns whether denormal numbers count as zero on the calling thread. */
  public static boolean flushesDenormals() {
    try (FlatTensor tiny = FlatTensor.zeros(DataType.FLOAT32, 1)) {
      tiny.bytes(0, Float.BYTES).asIntBuffer().put(1);
      tiny.multiply(1);
      return tiny.bytes(0, Float.BYTES).getInt() == 0;
    }
  }

  /** Sets how float32 matrices are multiplied, for the process. */
  public static void setMatmulPrecision(MatmulPrecision precision) {
    torch.globalContext().setFloat32MatmulPrecision(precision.id());
  }

  /** Prepares the calling thread as the one that this object was made for. */
  public TorchThread enterAlike() {
    return enter(intraOpThreads, flushDenormals, device);
  }

  @Override
  public void close() {
    JniUtils.setGradMode(gradMode);
    JniUtils.setNumThreads(threads);
    if (flushDenormals) {
      Context.setFlushDenormal(false);
    }
    if (cudaDevice != NO_DEVICE) {
      CudaRuntime.setDevice(cudaDevice);
    }
  }
}
