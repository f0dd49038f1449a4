package io.fabric4j.internal.torch;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.fabric4j.FabricException;

/**
 * The kernels that some code launches on a GPU, to be launched again in one call. They read and
 * write the same memory each time; what the code allocates stays reserved until this is closed.
 *
 * <p>This is {@code at::cuda::CUDAGraph}. Its C++ exceptions would end the process, so what they
 * would tell is asked of the CUDA runtime first, and a capture that failed is ended as an empty
 * one.
 */
public final class CudaGraph implements AutoCloseable {
  /** More than {@code sizeof(at::cuda::CUDAGraph)}. */
  private static final int OBJECT_BYTES = 4096;

  /** {@code cudaStreamCaptureModeThreadLocal}: other threads may allocate meanwhile. */
  private static final int THREAD_LOCAL = 1;

  private static final ThreadLocal<Boolean> CAPTURING = ThreadLocal.withInitial(() -> false);

  private final Memory object = new Memory(OBJECT_BYTES);
  private boolean open = true;

  private CudaGraph() {
    object.clear();
    Library.CONSTRUCT.invoke(Void.class, new Object[] {object});
  }

  private static final class Library {
    private static final NativeFunctions TORCH_CUDA = NativeFunctions.of("libtorch_cuda.so");
    private static final Function CONSTRUCT = find("C1Ev");
    private static final Function DESTROY = find("D1Ev");
    private static final Function BEGIN =
        find("13capture_beginESt4pairIyyE21cudaStreamCaptureMode");
    private static final Function END = find("11capture_endEv");
    private static final Function REPLAY = find("6replayEv");

    private static Function find(String name) {
      return TORCH_CUDA.find("_ZN2at4cuda9CUDAGraph" + name);
    }
  }

  /**
   * Records what code launches on the calling thread's GPU, also through autograd, without running
   * it.
   *
   * @param code must not wait for the GPU or read its results, and allocates in GPU memory only
   * @throws FabricException if the code cannot be recorded
   */
  public static CudaGraph capture(Runnable code) {
    CudaRuntime.synchronize();
    int device = CudaRuntime.device();
    CudaStream before = CudaStream.current(device);
    CudaStream stream = CudaStream.fromPool(device);
    CudaGraph graph = new CudaGraph();
    stream.makeCurrent();
    try {
      graph.record(stream.handle(), code);
      return graph;
    } catch (RuntimeException | Error e) {
      graph.close();
      throw e;
    } finally {
      before.makeCurrent();
    }
  }

  /** Returns whether the calling thread runs code that is being captured. */
  public static boolean isCapturing() {
    return CAPTURING.get();
  }

  private void record(Pointer stream, Runnable code) {
    Library.BEGIN.invoke(Void.class, new Object[] {object, 0L, 0L, THREAD_LOCAL});
    FabricException failure = null;
    CAPTURING.set(true);
    try {
      code.run();
    } catch (RuntimeException | Error e) {
      failure = failure(firstLine(e), e);
    } finally {
      CAPTURING.remove();
    }
    if (failure == null && !CudaRuntime.isCapturing(stream)) {
      failure = failure("CUDA ended the capture", null);
    }
    if (failure != null) {
      CudaRuntime.restartCapture(stream, THREAD_LOCAL);
    }
    Library.END.invoke(Void.class, new Object[] {object});
    if (failure != null) {
      throw failure;
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }

  private static FabricException failure(String reason, Throwable cause) {
    return new FabricException(
        "The code cannot be captured as a CUDA graph: "
            + reason
            + ". In it, do not read results (getFloat, toArray, print), do not create arrays from"
            + " Java values and do not choose shapes by results. Before it, close what earlier steps"
            + " computed: autograd keeps their stream. Or run it without graph.",
        cause);
  }

  /** Launches the kernels on the calling thread's stream. */
  public void replay() {
    Library.REPLAY.invoke(Void.class, new Object[] {object});
  }

  /** Waits for the GPU and frees the memory. */
  @Override
  public void close() {
    if (open) {
      open = false;
      CudaRuntime.synchronize();
      Library.DESTROY.invoke(Void.class, new Object[] {object});
    }
  }
}
