package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.distributed.ControlPage.Entry;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Collectives of ranks on several hosts. The ranks of a host put a chunk into shared memory, their
 * leader exchanges it with the leaders of the other hosts, and all take the result from there.
 */
final class HierarchicalProcessGroup extends MeshProcessGroup {
  private final Hosts hosts;
  private final Team neighbors;
  private final SharedBarrier barrier;
  private final Staging staging;
  private final TcpExchange exchange;

  private HierarchicalProcessGroup(
      Team neighbors, GroupSettings settings, Hosts hosts, Workspace workspace) {
    super(neighbors.mesh(), settings);
    this.hosts = hosts;
    this.neighbors = neighbors;
    barrier = new SharedBarrier(neighbors, workspace.page());
    staging = new Staging(workspace.staging(), settings.chunkBytes(), neighbors.index());
    exchange = new TcpExchange(neighbors.mesh(), hosts, settings.chunkBytes());
  }

  /**
   * Returns a group, or nothing on every rank if one of them lacks the room.
   *
   * @param prefixes a file name of each rank, in the folder that the ranks of this host see
   */
  static Optional<MeshProcessGroup> create(
      PendingCall pending, Mesh mesh, GroupSettings settings, Hosts hosts, List<Path> prefixes) {
    List<Integer> ranks = hosts.ranks(hosts.hostOf(mesh.rank()));
    Team neighbors = new Team(mesh, ranks);
    Optional<Workspace> workspace =
        neighbors.size() == 1
            ? Optional.of(Workspace.alone(settings.chunkBytes()))
            : Workspace.shared(
                pending,
                new SharedMemory(neighbors, ranks.stream().map(prefixes::get).toList()),
                settings.chunkBytes());
    if (Team.all(mesh).agree(pending, workspace.isPresent())) {
      return workspace.map(own -> new HierarchicalProcessGroup(neighbors, settings, hosts, own));
    }
    workspace.ifPresent(own -> own.staging().close());
    return Optional.empty();
  }

  @Override
  public String transport() {
    return Transport.TCP.label();
  }

  @Override
  public boolean isAsynchronous() {
    return true;
  }

  @Override
  void join(PendingCall pending) {
    enter(pending);
    lead(pending, () -> exchange.join(pending));
  }

  @Override
  FlatTensor allocate(PendingCall pending) {
    join(pending);
    return FlatTensor.zeros(pending.call().dataType(), pending.call().length());
  }

  @Override
  void allReduce(PendingCall pending, FlatTensor array) {
    inParts(
        pending,
        array,
        part -> {
          staging.load(part, 0);
          lead(
              pending,
              part.length(),
              windows -> exchange.allReduce(pending, windows, windows.get(0)));
          staging.store(part, 0, 0);
        });
  }

  @Override
  void broadcast(PendingCall pending, FlatTensor array) {
    int root = pending.call().root();
    inParts(
        pending,
        array,
        part -> {
          if (rank() == root) {
            staging.load(part, 0, 0);
          }
          lead(
              pending,
              part.length(),
              windows -> exchange.broadcast(pending, windows.get(0), hosts.hostOf(root)));
          if (rank() != root) {
            staging.store(part, 0, 0);
          }
        });
  }

  /** Rank r's values lie at row r: of its own window first, then of the leader's. */
  @Override
  void allGather(PendingCall pending, FlatTensor output, FlatTensor input) {
    inChunks(
        pending,
        input.length(),
        staging.elements(input) / size(),
        (start, count) -> {
          try (FlatTensor part = input.slice(start, count)) {
            staging.load(part, rank() * count);
          }
          lead(pending, size() * count, windows -> gather(pending, windows, count));
          for (int rank = 0; rank < size(); rank++) {
            try (FlatTensor row = output.slice(rank * input.length() + start, count)) {
              staging.store(row, 0, rank * count);
            }
          }
        });
  }

  private void gather(PendingCall pending, List<FlatTensor> windows, long count) {
    withOwnRows(windows, count, rows -> exchange.allGather(pending, rows, windows.get(0)));
  }

  /** A chunk is the same stretch of every row; the sum of a rank's row takes that row's place. */
  @Override
  void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input) {
    inChunks(
        pending,
        output.length(),
        staging.elements(output) / size(),
        (start, count) -> {
          for (int row = 0; row < size(); row++) {
            try (FlatTensor part = input.slice(row * output.length() + start, count)) {
              staging.load(part, row * count);
            }
          }
          lead(
              pending,
              size() * count,
              windows ->
                  withOwnRows(
                      windows, count, rows -> exchange.reduceScatter(pending, rows, windows)));
          try (FlatTensor part = output.slice(start, count)) {
            staging.store(part, neighbors.index(), rank() * count);
          }
        });
  }

  @Override
  public void close() {
    super.close();
    staging.close();
  }

  private void enter(PendingCall pending) {
    barrier.enter(pending, Entry.unshared(neighbors.index(), pending.call()));
  }

  /** Work on a stretch of elements. */
  private interface Chunk {
    void work(long start, long count);
  }

  private void inParts(PendingCall pending, FlatTensor array, Consumer<FlatTensor> work) {
    inChunks(
        pending,
        array.length(),
        staging.elements(array),
        (start, count) -> {
          try (FlatTensor part = array.slice(start, count)) {
            work.accept(part);
          }
        });
  }

  /** An empty array has one empty chunk, in which the hosts compare their calls. */
  private void inChunks(PendingCall pending, long length, long chunk, Chunk work) {
    enter(pending);
    long start = 0;
    do {
      staging.nextHalf();
      work.work(start, Math.min(chunk, length - start));
      start += chunk;
    } while (start < length);
  }

  /** Has the leader do something when all neighbours have come, and lets them go on after it. */
  private void lead(PendingCall pending, Runnable action) {
    barrier.await(pending);
    if (neighbors.index() == 0) {
      action.run();
    }
    barrier.await(pending);
  }

  private void lead(PendingCall pending, long count, Consumer<List<FlatTensor>> action) {
    DataType type = pending.call().dataType();
    lead(
        pending,
        () -> using(neighbors.size(), member -> staging.window(member, 0, type, count), action));
  }

  /** Passes on the row of each rank of this host in its own window. */
  private void withOwnRows(
      List<FlatTensor> windows, long count, Consumer<List<FlatTensor>> action) {
    using(
        windows.size(),
        member -> windows.get(member).slice(neighbors.rank(member) * count, count),
        action);
  }

  private static void using(
      int size, IntFunction<FlatTensor> make, Consumer<List<FlatTensor>> action) {
    List<FlatTensor> tensors = new ArrayList<>();
    try {
      for (int i = 0; i < size; i++) {
        tensors.add(make.apply(i));
      }
      action.accept(tensors);
    } finally {
      tensors.forEach(FlatTensor::close);
    }
  }
}
