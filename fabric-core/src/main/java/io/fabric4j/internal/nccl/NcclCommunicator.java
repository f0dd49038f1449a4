package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.nccl.ncclCommAbort;
import static org.bytedeco.cuda.global.nccl.ncclCommDeregister;
import static org.bytedeco.cuda.global.nccl.ncclCommDestroy;
import static org.bytedeco.cuda.global.nccl.ncclCommFinalize;
import static org.bytedeco.cuda.global.nccl.ncclCommGetAsyncError;
import static org.bytedeco.cuda.global.nccl.ncclCommInitRankConfig;
import static org.bytedeco.cuda.global.nccl.ncclCommRegister;
import static org.bytedeco.cuda.global.nccl.ncclGroupEnd;
import static org.bytedeco.cuda.global.nccl.ncclGroupStart;
import static org.bytedeco.cuda.global.nccl.ncclInProgress;
import static org.bytedeco.cuda.global.nccl.ncclSuccess;

import io.fabric4j.FabricException;
import io.fabric4j.internal.torch.FlatTensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.nccl.ncclComm;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A non-blocking NCCL communicator of one rank with a stream of its own.
 *
 * <p>{@link #launch} and {@link #register} are for one thread at a time; {@link #check} and {@link
 * #abort} may be called by another one meanwhile. No call of NCCL waits for a peer, so that the
 * lock which keeps an abort from freeing a communicator in use is soon given back.
 */
final class NcclCommunicator implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(NcclCommunicator.class);
  private static final String COLLECTIVE = "A collective of NCCL";
  private static final int MIN_REGISTER_VERSION = 21900;
  private static final long ABORT_PATIENCE_MILLIS = 1000;
  private static final int SPINS = 2000;
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final CudaStream stream;
  private final ncclComm comm = new ncclComm();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Pointer> registrations = new ArrayList<>();
  private boolean ended;

  /** A collective that NCCL is asked for. */
  interface Collective {
    int start(ncclComm comm, CUstream_st stream);
  }

  private NcclCommunicator(CudaStream stream) {
    this.stream = stream;
  }

  /**
   * Connects with the other ranks, all of which must call this.
   *
   * @param id the communicator's id, of rank 0
   * @param device this rank's GPU
   * @param watch run while waiting; its exception ends the attempt
   * @throws FabricException if NCCL reports an error
   */
  static NcclCommunicator connect(int rank, int size, UniqueId id, int device, Runnable watch) {
    NcclCommunicator communicator = new NcclCommunicator(new CudaStream(device));
    try {
      NcclStatus.check(
          ncclCommInitRankConfig(
              communicator.comm, size, id.toNative(), rank, NcclConfig.nonBlocking()),
          "ncclCommInitRankConfig");
      communicator.settle("ncclCommInitRankConfig", watch);
      return communicator;
    } catch (RuntimeException | Error e) {
      communicator.abort();
      communicator.close();
      throw e;
    }
  }

  CudaStream stream() {
    return stream;
  }

  /**
   * Starts collectives after what the default stream has been given so far.
   *
   * @param collectives what to start, as one group
   * @param watch run if NCCL takes time to start; its exception ends the wait
   * @return marks their end
   */
  CudaEvent launch(List<Collective> collectives, Runnable watch) {
    stream.use();
    stream.follow();
    if (!collectives.isEmpty()) {
      startGroup(collectives);
      settle(COLLECTIVE, watch);
    }
    return stream.mark();
  }

  private void startGroup(List<Collective> collectives) {
    whileAlive(
        () -> {
          NcclStatus.check(ncclGroupStart(), "ncclGroupStart");
          int refusal = ncclSuccess;
          for (Collective collective : collectives) {
            int result = collective.start(comm, stream.handle());
            refusal = result == ncclSuccess || result == ncclInProgress ? refusal : result;
          }
          int result = ncclGroupEnd();
          NcclStatus.check(refusal, COLLECTIVE);
          NcclStatus.check(result, "ncclGroupEnd");
        });
  }

  /** Waits until NCCL has done on the host what it was asked for. */
  private void settle(String call, Runnable watch) {
    int spins = 0;
    int state;
    while ((state = state()) == ncclInProgress) {
      if (spins++ < SPINS) {
        Thread.onSpinWait();
      } else {
        watch.run();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    NcclStatus.check(state, call);
  }

  private int state() {
    int[] state = new int[1];
    whileAlive(() -> NcclStatus.check(ncclCommGetAsyncError(comm, state), "ncclCommGetAsyncError"));
    return state[0];
  }

  /** Runs calls of NCCL, between which nobody may free the communicator. */
  private void whileAlive(Runnable calls) {
    lock.lock();
    try {
      if (ended) {
        throw new FabricException("The NCCL communicator has ended.");
      }
      calls.run();
    } finally {
      lock.unlock();
    }
  }

  /** Throws what NCCL found out since the start of a collective. */
  void check() {
    NcclStatus.check(state(), COLLECTIVE);
  }

  /**
   * Tells NCCL of memory that collectives will use often; without effect where it cannot be.
   *
   * @return what to {@link #deregister} before the memory is freed
   */
  Pointer register(FlatTensor memory) {
    Pointer handle = new Pointer();
    if (NcclLibrary.version() < MIN_REGISTER_VERSION || memory.length() == 0) {
      return handle;
    }
    whileAlive(
        () -> {
          long bytes = memory.length() * memory.elementSize();
          int result = ncclCommRegister(comm, new DevicePointer(memory), bytes, handle);
          if (result != ncclSuccess) {
            LOGGER.debug("NCCL does not register {} bytes: result {}", bytes, result);
          } else if (!handle.isNull()) {
            registrations.add(handle);
          }
        });
    return handle;
  }

  /** Lets NCCL forget memory that no collective in progress uses. */
  void deregister(Pointer handle) {
    whileAlive(
        () -> {
          if (registrations.remove(handle)) {
            ncclCommDeregister(comm, handle);
          }
        });
  }

  /**
   * Ends what runs on the GPU and frees the communicator. A thread that is inside a call of NCCL
   * and does not come back is one that only the abort frees.
   */
  void abort() {
    boolean locked = tryLock();
    try {
      if (!ended && !comm.isNull()) {
        ncclCommAbort(comm);
      }
      ended = true;
    } finally {
      if (locked) {
        lock.unlock();
      }
    }
  }

  private boolean tryLock() {
    try {
      return lock.tryLock(ABORT_PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lock.tryLock();
    }
  }

  /** Frees the communicator of complete collectives, by force if NCCL does not do it in time. */
  void destroy(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      stream.use();
      whileAlive(
          () -> {
            registrations.forEach(handle -> ncclCommDeregister(comm, handle));
            NcclStatus.check(ncclCommFinalize(comm), "ncclCommFinalize");
          });
      settle("ncclCommFinalize", () -> requireBefore(deadline));
      whileAlive(
          () -> {
            NcclStatus.check(ncclCommDestroy(comm), "ncclCommDestroy");
            ended = true;
          });
    } catch (FabricException e) {
      abort();
    }
  }

  private static void requireBefore(long deadline) {
    if (System.nanoTime() - deadline > 0) {
      throw new FabricException("NCCL did not flush its work in time.");
    }
  }

  /** Releases the stream. The communicator must have been destroyed or aborted. */
  @Override
  public void close() {
    stream.close();
  }
}
