package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.cudart.cudaSetDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * A stream beside the legacy default stream, on which torch works. Nothing orders the two but the
 * events here.
 */
final class CudaStream implements AutoCloseable {
  private static final CUstream_st DEFAULT = null;

  private final int device;
  private final CUstream_st stream = new CUstream_st();
  private final List<CudaEvent> events = new ArrayList<>();
  private final Deque<CudaEvent> idle = new ArrayDeque<>();
  private final CudaEvent start;

  /** Creates a stream on a device and makes the device current for the calling thread. */
  CudaStream(int device) {
    this.device = device;
    use();
    NcclStatus.checkCuda(
        cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    start = newEvent();
  }

  CUstream_st handle() {
    return stream;
  }

  /** Makes the device current for the calling thread: streams and kernels belong to devices. */
  void use() {
    NcclStatus.checkCuda(cudaSetDevice(device), "cudaSetDevice(" + device + ")");
  }

  /** Lets what follows on this stream wait for what the default stream has been given so far. */
  void follow() {
    start.record(DEFAULT);
    start.delay(stream);
  }

  /** Marks the end of what this stream has been given so far. */
  CudaEvent mark() {
    CudaEvent event = take();
    event.record(stream);
    return event;
  }

  /** Lets what follows on the default stream wait for an event of this stream. */
  void delayDefault(CudaEvent event) {
    use();
    event.delay(DEFAULT);
  }

  private synchronized CudaEvent take() {
    return idle.isEmpty() ? newEvent() : idle.pop();
  }

  /** Takes back a complete event for which nobody will wait. */
  synchronized void recycle(CudaEvent event) {
    idle.push(event);
  }

  private CudaEvent newEvent() {
    CudaEvent event = new CudaEvent();
    events.add(event);
    return event;
  }

  /** Releases the stream and its events; work that it has been given is completed. */
  @Override
  public synchronized void close() {
    cudaStreamDestroy(stream);
    events.forEach(CudaEvent::close);
  }
}
