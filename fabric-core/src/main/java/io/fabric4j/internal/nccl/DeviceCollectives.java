package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.nccl.ncclAllGather;
import static org.bytedeco.cuda.global.nccl.ncclAllReduce;
import static org.bytedeco.cuda.global.nccl.ncclBroadcast;
import static org.bytedeco.cuda.global.nccl.ncclReduceScatter;

import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.Call;
import io.fabric4j.internal.distributed.CallMirror;
import io.fabric4j.internal.distributed.Operation;
import io.fabric4j.internal.nccl.NcclCommunicator.Collective;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * The collectives on GPU memory: each is numbered, handed to the checker, and started. Calls may
 * come from several threads; they are started one after the other.
 */
final class DeviceCollectives implements AutoCloseable {
  private final CallMirror mirror;
  private final NcclCommunicator communicator;
  private final CallChecker checker;
  private final List<Buffer> buffers = new ArrayList<>();
  private long calls;
  private volatile boolean closed;

  /** Takes over the mirror and the communicator. */
  DeviceCollectives(CallMirror mirror, NcclCommunicator communicator, String thread) {
    this.mirror = mirror;
    this.communicator = communicator;
    checker = new CallChecker(mirror, communicator, thread);
    checker.start();
  }

  /** Memory that NCCL knows, kept until nobody else uses it. */
  private record Buffer(FlatTensor memory, Pointer registration) {}

  /** One collective: what the other ranks have to call too, and how to start it. */
  private record Request(
      Operation operation, FlatTensor values, ReduceOp op, int root, Collective collective) {
    Call call(long number) {
      return new Call(number, operation, values.dataType(), values.length(), op, root);
    }
  }

  /** Reduces one or more arrays, as one group. */
  DeviceWork allReduce(List<FlatTensor> arrays, ReduceOp op) {
    int how = NcclTypes.of(op);
    List<Request> requests = new ArrayList<>();
    for (FlatTensor array : arrays) {
      DevicePointer address = new DevicePointer(array);
      int type = NcclTypes.of(array.dataType());
      requests.add(
          new Request(
              Operation.ALL_REDUCE,
              array,
              op,
              Call.NO_ROOT,
              (comm, stream) ->
                  ncclAllReduce(address, address, array.length(), type, how, comm, stream)));
    }
    return start(requests);
  }

  DeviceWork broadcast(FlatTensor array, int root) {
    DevicePointer address = new DevicePointer(array);
    int type = NcclTypes.of(array.dataType());
    Collective collective =
        (comm, stream) -> ncclBroadcast(address, address, array.length(), type, root, comm, stream);
    return start(List.of(new Request(Operation.BROADCAST, array, null, root, collective)));
  }

  DeviceWork allGather(FlatTensor to, FlatTensor from) {
    DevicePointer target = new DevicePointer(to);
    DevicePointer source = new DevicePointer(from);
    int type = NcclTypes.of(from.dataType());
    Collective collective =
        (comm, stream) -> ncclAllGather(source, target, from.length(), type, comm, stream);
    return start(List.of(new Request(Operation.ALL_GATHER, from, null, Call.NO_ROOT, collective)));
  }

  DeviceWork reduceScatter(FlatTensor to, FlatTensor from, ReduceOp op) {
    DevicePointer target = new DevicePointer(to);
    DevicePointer source = new DevicePointer(from);
    int type = NcclTypes.of(from.dataType());
    int how = NcclTypes.of(op);
    Collective collective =
        (comm, stream) -> ncclReduceScatter(source, target, to.length(), type, how, comm, stream);
    return start(
        List.of(new Request(Operation.REDUCE_SCATTER, from, op, Call.NO_ROOT, collective)));
  }

  private synchronized DeviceWork start(List<Request> requests) {
    List<Call> made = new ArrayList<>();
    List<Collective> collectives = new ArrayList<>();
    for (Request request : requests) {
      made.add(request.call(++calls));
      if (request.values().length() > 0) {
        collectives.add(request.collective());
      }
    }
    return start(made, collectives);
  }

  /** Returns once the GPU has done all that it was given on this rank, and all ranks are here. */
  synchronized void finish() {
    Call barrier = Call.plain(++calls, Operation.BARRIER, Call.NO_ROOT);
    checker.await(start(List.of(barrier), List.of()));
  }

  /** Takes over memory that collectives will use often, and frees what is no longer in use. */
  synchronized void register(FlatTensor memory) {
    Call call =
        new Call(
            ++calls,
            Operation.ALLOCATE,
            memory.dataType(),
            memory.length(),
            /* reduceOp= */ null,
            Call.NO_ROOT);
    DeviceWork before = start(List.of(call), List.of());
    List<Buffer> unused = buffers.stream().filter(buffer -> !buffer.memory.isShared()).toList();
    if (!unused.isEmpty()) {
      checker.await(before);
    }
    run(
        call,
        () -> {
          unused.forEach(buffer -> communicator.deregister(buffer.registration));
          buffers.add(new Buffer(memory, communicator.register(memory)));
        });
    buffers.removeAll(unused);
    unused.forEach(buffer -> buffer.memory.close());
  }

  private DeviceWork start(List<Call> made, List<Collective> collectives) {
    if (closed) {
      throw new IllegalStateException(mirror.prefix() + " The process group has been closed.");
    }
    DeviceWork work = new DeviceWork(made, checker, communicator.stream());
    checker.submit(work);
    run(
        work.lastCall(),
        () ->
            work.launched(
                communicator.launch(collectives, () -> checker.requireAlive(work.lastCall()))));
    return work;
  }

  /** An error here is one of the group: the other ranks must not wait for this one. */
  private void run(Call call, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      throw checker.failure(call, e);
    }
  }

  /** Ends the group on all ranks. Safe from any thread. */
  void abort(Throwable cause) {
    mirror.fail(cause);
  }

  @Override
  public void close() {
    closed = true;
    if (checker.close()) {
      communicator.close();
      buffers.forEach(buffer -> buffer.memory.close());
    }
    mirror.close();
  }
}
