package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.cudart.cudaErrorNotReady;
import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventQuery;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaGetLastError;
import static org.bytedeco.cuda.global.cudart.cudaStreamWaitEvent;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/** A point in the work of a stream, for which other streams can wait. */
final class CudaEvent implements AutoCloseable {
  private final CUevent_st event = new CUevent_st();

  /** Creates an event on the calling thread's device. */
  CudaEvent() {
    NcclStatus.checkCuda(
        cudaEventCreateWithFlags(event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  }

  /** Marks what the stream has been given so far. */
  void record(CUstream_st stream) {
    NcclStatus.checkCuda(cudaEventRecord(event, stream), "cudaEventRecord");
  }

  /** Lets the stream's later work wait for the marked work; does not block. */
  void delay(CUstream_st stream) {
    NcclStatus.checkCuda(cudaStreamWaitEvent(stream, event, 0), "cudaStreamWaitEvent");
  }

  /** Returns whether the marked work is done. */
  boolean isComplete() {
    int result = cudaEventQuery(event);
    if (result == cudaErrorNotReady) {
      // Otherwise torch takes it for an error of its next kernel.
      cudaGetLastError();
      return false;
    }
    NcclStatus.checkCuda(result, "cudaEventQuery");
    return true;
  }

  @Override
  public void close() {
    cudaEventDestroy(event);
  }
}
