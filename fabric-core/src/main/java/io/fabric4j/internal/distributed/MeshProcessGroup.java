package io.fabric4j.internal.distributed;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the transports have in common: arguments are checked, calls numbered, errors made the end of
 * the group on all ranks, and objects exchanged over the mesh.
 */
abstract class MeshProcessGroup implements ProcessGroup {
  private static final byte[] NOTHING = {};

  private final Mesh mesh;
  private final GroupSettings settings;
  private final ObjectExchange objects;
  private final Subgroups subgroups;
  private final StartedCalls started;
  private long calls;
  private boolean closed;

  MeshProcessGroup(Mesh mesh, GroupSettings settings) {
    this.mesh = mesh;
    this.settings = settings;
    this.objects = new ObjectExchange(mesh, settings);
    this.subgroups = new Subgroups(this, settings.site());
    this.started = new StartedCalls(mesh);
    mesh.onFailure(subgroups::abort);
  }

  final Mesh mesh() {
    return mesh;
  }

  final Duration callTimeout() {
    return settings.callTimeout();
  }

  /**
   * Returns once every rank has entered the same call, which is made elsewhere.
   *
   * @param watch run while waiting; its exception ends the group
   */
  final void compare(Call call, Runnable watch) {
    run(
        new PendingCall(mesh, call, settings.callTimeout(), watch),
        pending -> {
          join(pending);
          return null;
        });
  }

  abstract void allReduce(PendingCall pending, FlatTensor array);

  abstract void broadcast(PendingCall pending, FlatTensor array);

  abstract void allGather(PendingCall pending, FlatTensor output, FlatTensor input);

  abstract void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input);

  /** Returns once every rank has entered this call, which carries no arrays. */
  abstract void join(PendingCall pending);

  /** Returns zeros in memory that suits the transport. */
  abstract FlatTensor allocate(PendingCall pending);

  @Override
  public final int rank() {
    return mesh.rank();
  }

  @Override
  public final int size() {
    return mesh.size();
  }

  @Override
  public final Work allReduce(NDArray array, ReduceOp op) {
    try (FlatTensor elements = Operands.flat(array, "array")) {
      Operands.requireReducible(elements.dataType(), op);
      return work(
          next(Operation.ALL_REDUCE, elements, op, Call.NO_ROOT),
          pending -> allReduce(pending, elements));
    }
  }

  /** The arguments are checked and the call gets its number at once; the rest runs beside. */
  @Override
  public final Work startAllReduce(NDArray array, ReduceOp op) {
    if (!isAsynchronous()) {
      return allReduce(array, op);
    }
    requireOpen();
    FlatTensor elements = Operands.flat(array, "array");
    Operands.requireReducible(elements.dataType(), op);
    Call call = next(Operation.ALL_REDUCE, elements, op, Call.NO_ROOT);
    return started.start(
        () -> {
          try (elements) {
            PendingCall pending = new PendingCall(mesh, call, settings.callTimeout());
            runHere(pending, entered -> allReduceOf(entered, elements));
          }
        });
  }

  private Void allReduceOf(PendingCall pending, FlatTensor elements) {
    allReduce(pending, elements);
    return null;
  }

  @Override
  public final Work broadcast(NDArray array, int root) {
    Operands.requireRank(root, size());
    try (FlatTensor elements = Operands.flat(array, "array")) {
      return work(
          next(Operation.BROADCAST, elements, null, root), pending -> broadcast(pending, elements));
    }
  }

  @Override
  public final Work allGather(NDArray output, NDArray input) {
    try (FlatTensor to = Operands.flat(output, "output");
        FlatTensor from = Operands.flat(input, "input")) {
      Operands.requireRows(to, "output", from, "input", size());
      return work(
          next(Operation.ALL_GATHER, from, null, Call.NO_ROOT),
          pending -> allGather(pending, to, from));
    }
  }

  @Override
  public final Work reduceScatter(NDArray output, NDArray input, ReduceOp op) {
    try (FlatTensor to = Operands.flat(output, "output");
        FlatTensor from = Operands.flat(input, "input")) {
      Operands.requireReducible(to.dataType(), op);
      Operands.requireRows(from, "input", to, "output", size());
      return work(
          next(Operation.REDUCE_SCATTER, from, op, Call.NO_ROOT),
          pending -> reduceScatter(pending, to, from));
    }
  }

  @Override
  public final Work barrier() {
    return work(Call.plain(++calls, Operation.BARRIER, Call.NO_ROOT), this::join);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final <T extends Serializable> List<T> allGatherObject(T object) {
    byte[] mine = ObjectCodec.encode(object);
    Call call = Call.plain(++calls, Operation.ALL_GATHER_OBJECT, Call.NO_ROOT);
    List<T> all = new ArrayList<>();
    for (byte[] bytes : exchange(call, mine)) {
      all.add((T) ObjectCodec.decode(bytes));
    }
    return Collections.unmodifiableList(all);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final <T extends Serializable> T broadcastObject(T object, int root) {
    Operands.requireRank(root, size());
    byte[] mine = rank() == root ? ObjectCodec.encode(object) : NOTHING;
    Call call = Call.plain(++calls, Operation.BROADCAST_OBJECT, root);
    return (T) ObjectCodec.decode(exchange(call, mine).get(root));
  }

  @Override
  public final NDArray allocate(NDManager manager, Shape shape, DataType dataType) {
    requireNonNull(manager, "manager is null");
    Call call = new Call(++calls, Operation.ALLOCATE, dataType, shape.size(), null, Call.NO_ROOT);
    try (FlatTensor memory = run(call, this::allocate)) {
      return memory.toArray(manager, shape);
    }
  }

  @Override
  public final Optional<ProcessGroup> subgroup(List<Integer> ranks) {
    return subgroup(ranks, settings.callTimeout());
  }

  @Override
  public final Optional<ProcessGroup> subgroup(List<Integer> ranks, Duration callTimeout) {
    requireNonNull(ranks, "ranks is null");
    GroupOptions.requirePositive(callTimeout, "callTimeout");
    return subgroups.create(ranks, callTimeout);
  }

  final boolean isClosed() {
    return closed;
  }

  @Override
  public final void abort(Throwable cause) {
    requireNonNull(cause, "cause is null");
    mesh.fail(Failure.reported(mesh.roster(), cause));
  }

  @Override
  public void close() {
    closed = true;
    started.close();
    subgroups.close();
    mesh.close();
  }

  private Call next(Operation operation, FlatTensor elements, ReduceOp op, int root) {
    return new Call(++calls, operation, elements.dataType(), elements.length(), op, root);
  }

  /** Too large objects are an error that all ranks see alike, so the group lives on. */
  private List<byte[]> exchange(Call call, byte[] mine) {
    PendingCall exchange = new PendingCall(mesh, call, settings.callTimeout());
    long[] sizes =
        run(
            exchange,
            pending -> {
              join(pending);
              return objects.exchangeSizes(pending, mine.length);
            });
    objects.requireWithinLimit(sizes);
    return run(exchange, pending -> objects.exchange(pending, mine, sizes));
  }

  private Work work(Call call, Consumer<PendingCall> body) {
    run(
        call,
        pending -> {
          body.accept(pending);
          return null;
        });
    return CompletedWork.INSTANCE;
  }

  /**
   * Runs a collective so that an unexpected error on this rank does not leave the others waiting.
   */
  private <T> T run(Call call, Function<PendingCall, T> body) {
    return run(new PendingCall(mesh, call, settings.callTimeout()), body);
  }

  private <T> T run(PendingCall pending, Function<PendingCall, T> body) {
    requireOpen();
    started.await();
    return runHere(pending, body);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          mesh.roster().prefix() + " The process group has been closed.");
    }
  }

  private <T> T runHere(PendingCall pending, Function<PendingCall, T> body) {
    mesh.enter(pending.call());
    pending.checkGroup();
    try {
      return body.apply(pending);
    } catch (ProcessGroupException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      abort(e);
      throw e;
    }
  }
}
