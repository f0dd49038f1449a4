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
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The group of one rank. It checks arguments like the others, so that code moves unchanged. */
public final class SingleProcessGroup implements ProcessGroup {
  private final SingleProcessGroup parent;
  private volatile Throwable aborted;
  private boolean closed;

  public SingleProcessGroup() {
    this(null);
  }

  /** A subgroup, which ends with its parent. */
  private SingleProcessGroup(SingleProcessGroup parent) {
    this.parent = parent;
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public String transport() {
    return "single";
  }

  @Override
  public Work allReduce(NDArray array, ReduceOp op) {
    try (FlatTensor elements = FlatTensor.of(array)) {
      Operands.requireReducible(elements.dataType(), op);
      return complete();
    }
  }

  @Override
  public Work broadcast(NDArray array, int root) {
    Operands.requireRank(root, 1);
    FlatTensor.of(array).close();
    return complete();
  }

  @Override
  public Work allGather(NDArray output, NDArray input) {
    try (FlatTensor to = FlatTensor.of(output);
        FlatTensor from = FlatTensor.of(input)) {
      Operands.requireRows(to, "output", from, "input", 1);
      Work work = complete();
      to.copyFrom(from);
      return work;
    }
  }

  @Override
  public Work reduceScatter(NDArray output, NDArray input, ReduceOp op) {
    try (FlatTensor to = FlatTensor.of(output);
        FlatTensor from = FlatTensor.of(input)) {
      Operands.requireReducible(to.dataType(), op);
      Operands.requireRows(from, "input", to, "output", 1);
      Work work = complete();
      to.copyFrom(from);
      return work;
    }
  }

  @Override
  public Work barrier() {
    return complete();
  }

  @Override
  public <T extends Serializable> List<T> allGatherObject(T object) {
    complete();
    return Collections.singletonList(object);
  }

  @Override
  public <T extends Serializable> T broadcastObject(T object, int root) {
    Operands.requireRank(root, 1);
    complete();
    return object;
  }

  @Override
  public NDArray allocate(NDManager manager, Shape shape, DataType dataType) {
    complete();
    return Casts.zeros(manager, shape, dataType);
  }

  @Override
  public Optional<ProcessGroup> subgroup(List<Integer> ranks) {
    complete();
    SubgroupProposal.requireAgreement(
        List.of(new SubgroupProposal(new ArrayList<>(ranks), "", "")));
    return Optional.of(new SingleProcessGroup(this));
  }

  @Override
  public Optional<ProcessGroup> subgroup(List<Integer> ranks, Duration callTimeout) {
    GroupOptions.requirePositive(callTimeout, "callTimeout");
    return subgroup(ranks);
  }

  @Override
  public void abort(Throwable cause) {
    aborted = requireNonNull(cause, "cause is null");
  }

  @Override
  public void close() {
    closed = true;
  }

  private Work complete() {
    if (parent != null) {
      parent.complete();
    }
    if (closed) {
      throw new IllegalStateException("[rank 0/1] The process group has been closed.");
    }
    if (aborted != null) {
      throw new ProcessGroupException("[rank 0/1] The group was aborted: " + aborted, aborted);
    }
    return CompletedWork.INSTANCE;
  }
}
