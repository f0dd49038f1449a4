package io.fabric4j.internal.torch;

/**
 * A stream beside the default one. Captures need it, and the runs before a capture too: autograd
 * keeps the stream on which it first saw a parameter for as long as a graph with it lives.
 */
public final class CaptureStream {
  private final CudaStream stream;
  private final int device;

  private CaptureStream(CudaStream stream, int device) {
    this.stream = stream;
    this.device = device;
  }

  /** Returns a stream of the calling thread's GPU. */
  public static CaptureStream create() {
    int device = CudaRuntime.device();
    return new CaptureStream(CudaStream.fromPool(device), device);
  }

  /** Runs code on this stream, after all work before it and before all work after it. */
  public void run(Runnable code) {
    CudaStream before = CudaStream.current(device);
    CudaRuntime.synchronize();
    stream.makeCurrent();
    try {
      code.run();
    } finally {
      before.makeCurrent();
      CudaRuntime.synchronize();
    }
  }

  CudaStream stream() {
    return stream;
  }
}
