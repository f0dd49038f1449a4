package io.fabric4j.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The ranks of a run and the collectives among them, with torch.distributed's terms.
 *
 * <p>Contract of every collective: all ranks of the group must call it, in the same order, with the
 * same shape, data type and arguments. It completes when all have. A {@link ProcessGroupException}
 * on every rank ends it when a peer dies, makes a different call (the message shows both), or does
 * not join before the deadline. A misuse is {@code if (rank == 0) group.barrier()}: the other ranks
 * never arrive.
 *
 * <p>Reduced floating-point elements are {@code ((x0 + x1) + x2) + ...} in rank order on every CPU
 * transport, so results depend neither on the transport nor on timing. NCCL, which takes the arrays
 * on GPUs, chooses its own order.
 *
 * <p>A group belongs to the thread of its rank; it is not thread-safe, {@link #abort} excepted.
 */
public interface ProcessGroup extends AutoCloseable {

  /** Returns this rank, 0 to {@code size() - 1}. */
  int rank();

  /** Returns the number of ranks. */
  int size();

  /**
   * Returns the name of the transport: {@code single}, {@code shared-memory}, {@code tcp} or {@code
   * nccl}.
   */
  String transport();

  /**
   * Returns whether {@link #startAllReduce} runs beside the calling thread, so that it pays to
   * start early: between hosts and on GPUs. If so it may be called from autograd's thread while the
   * rank's thread waits for that.
   */
  default boolean isAsynchronous() {
    return false;
  }

  /**
   * Reduces an array over all ranks, in place on every rank.
   *
   * @param array dense, any shape, of a numeric type
   * @param op how to combine
   */
  Work allReduce(NDArray array, ReduceOp op);

  /**
   * Starts what {@link #allReduce(NDArray, ReduceOp)} does, and returns before it has ended where
   * the group {@link #isAsynchronous}. The array must not be used before {@link Work#waitFor}. The
   * call counts where it was started: ranks make it in the same order as all others.
   *
   * @param array dense, any shape, of a numeric type
   * @param op how to combine
   */
  default Work startAllReduce(NDArray array, ReduceOp op) {
    return allReduce(array, op);
  }

  /**
   * Reduces several arrays over all ranks, in place; on GPUs at little more than the cost of one.
   * Counts as one collective per array.
   *
   * @param arrays dense, of any shapes and numeric types, at least one
   * @param op how to combine
   * @throws IllegalArgumentException if the list is empty
   */
  default Work allReduce(NDList arrays, ReduceOp op) {
    if (arrays.isEmpty()) {
      throw new IllegalArgumentException("The list has no arrays. Pass at least one.");
    }
    Work last = null;
    for (NDArray array : arrays) {
      last = allReduce(array, op);
      last.waitFor();
    }
    return last;
  }

  /**
   * Copies the array of one rank to all others, in place.
   *
   * @param array dense, any shape
   * @param root the rank whose values all ranks get
   */
  Work broadcast(NDArray array, int root);

  /**
   * Gathers equally shaped arrays: {@code output[rank]} is the input of {@code rank}.
   *
   * @param output shape {@code (size, ...)} of the input's type, written in place
   * @param input shape {@code (...)}
   */
  Work allGather(NDArray output, NDArray input);

  /**
   * Reduces an array and leaves each rank its share: {@code output} is row {@code rank} of the sum.
   *
   * @param output shape {@code (...)}, written in place
   * @param input shape {@code (size, ...)} of the output's type; its contents are undefined
   *     afterwards
   * @param op how to combine
   */
  Work reduceScatter(NDArray output, NDArray input, ReduceOp op);

  /** Completes when every rank has called it and its GPU has done what it was given before. */
  Work barrier();

  /**
   * Returns the objects of all ranks, in rank order. Blocks.
   *
   * @param object a serializable object; its size may differ between ranks
   * @throws io.fabric4j.FabricException on every rank, if the serialized objects of all ranks have
   *     more than 1 GiB; the group lives on
   */
  <T extends Serializable> List<T> allGatherObject(T object);

  /**
   * Returns the object of one rank on every rank. Blocks.
   *
   * @param object the object to send on rank {@code root}, ignored elsewhere
   * @param root the sending rank
   * @throws io.fabric4j.FabricException on every rank, if the serialized object has more than 1
   *     GiB; the group lives on
   */
  <T extends Serializable> T broadcastObject(T object, int root);

  /**
   * Creates an array of zeros in memory that the group's collectives reach without copying. A
   * collective: every rank allocates the same shape and type. The memory is released when the array
   * and its views are closed, and the group has been closed or, over NCCL, allocates again.
   *
   * @param manager owner of the array
   */
  NDArray allocate(NDManager manager, Shape shape, DataType dataType);

  /**
   * Makes a group of some of this group's ranks, like torch.distributed's {@code new_group}. Every
   * rank of this group must call it with the same list, also the ranks outside the new group.
   * Blocks until all members are connected. Subgroups work side by side and may have subgroups; one
   * ends when it is closed or when this group is closed or fails, and its own failure leaves this
   * group alive. Collectives that are pending in several groups must start in one order on all
   * ranks.
   *
   * @param ranks ranks of this group; a rank's position in the list is its rank in the new group
   * @return the new group, empty on ranks that are not in the list
   * @throws IllegalArgumentException on every rank, if the list is empty, names a rank twice or one
   *     outside this group, or differs between ranks
   * @throws io.fabric4j.FabricException on every rank, if a member cannot listen for the others
   */
  Optional<ProcessGroup> subgroup(List<Integer> ranks);

  /**
   * Like {@link #subgroup(List)}, with another deadline for the subgroup's collectives.
   *
   * @param callTimeout how long a collective of the subgroup waits for all its ranks
   * @throws IllegalArgumentException if the duration is not positive
   */
  Optional<ProcessGroup> subgroup(List<Integer> ranks, Duration callTimeout);

  /**
   * Makes every rank's pending and later calls fail with the given cause. Safe from any thread.
   *
   * @param cause what went wrong on this rank
   */
  void abort(Throwable cause);

  /** Leaves the group and releases its sockets, threads and memory. Never blocks on peers. */
  @Override
  void close();
}
