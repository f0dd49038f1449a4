package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.distributed.ControlPage.Entry;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collectives of ranks that reach each other's memory. On entering a call each rank tells where its
 * array lies; all then choose the same way: in place if the arrays are in shared segments, through
 * a staging segment otherwise.
 */
final class SharedMemoryProcessGroup extends MeshProcessGroup {
  private final SharedMemory memory;
  private final SharedBarrier barrier;
  private final List<SharedSegment> segments = new ArrayList<>();
  private final InPlaceCollectives inPlace;
  private final StagedCollectives staged;

  private SharedMemoryProcessGroup(
      Team team, GroupSettings settings, SharedMemory memory, Workspace workspace) {
    super(team.mesh(), settings);
    this.memory = memory;
    barrier = new SharedBarrier(team, workspace.page());
    inPlace = new InPlaceCollectives(barrier, segments, team.index(), team.size());
    staged =
        new StagedCollectives(
            barrier,
            new Staging(workspace.staging(), settings.chunkBytes(), team.index()),
            team.index(),
            team.size());
  }

  /** Returns a group, or nothing on every rank if one of them lacks the room. */
  static Optional<MeshProcessGroup> create(
      PendingCall pending, Mesh mesh, GroupSettings settings, List<Path> prefixes) {
    Team team = Team.all(mesh);
    SharedMemory memory = new SharedMemory(team, prefixes);
    return Workspace.shared(pending, memory, settings.chunkBytes())
        .map(workspace -> new SharedMemoryProcessGroup(team, settings, memory, workspace));
  }

  @Override
  public String transport() {
    return Transport.SHARED_MEMORY.label();
  }

  @Override
  void join(PendingCall pending) {
    barrier.enter(pending, Entry.unshared(rank(), pending.call()));
  }

  @Override
  FlatTensor allocate(PendingCall pending) {
    join(pending);
    DataType type = pending.call().dataType();
    long count = pending.call().length();
    Optional<SharedSegment> segment =
        count == 0 ? Optional.empty() : memory.createSegment(pending, count * type.getNumOfBytes());
    segment.ifPresent(segments::add);
    return segment
        .map(shared -> shared.window(rank(), 0, type, count))
        .orElseGet(() -> FlatTensor.zeros(type, count));
  }

  @Override
  void allReduce(PendingCall pending, FlatTensor array) {
    List<Entry> entries = enter(pending, array);
    if (allShared(entries)) {
      inPlace.allReduce(pending, entries);
    } else {
      staged.allReduce(pending, array);
    }
  }

  @Override
  void broadcast(PendingCall pending, FlatTensor array) {
    Entry root = enter(pending, array).get(pending.call().root());
    if (root.isShared()) {
      inPlace.broadcast(pending, root, array);
    } else {
      staged.broadcast(pending, array);
    }
  }

  @Override
  void allGather(PendingCall pending, FlatTensor output, FlatTensor input) {
    List<Entry> entries = enter(pending, input);
    if (allShared(entries)) {
      inPlace.allGather(pending, entries, output);
    } else {
      staged.allGather(pending, output, input);
    }
  }

  @Override
  void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input) {
    List<Entry> entries = enter(pending, input);
    if (allShared(entries)) {
      inPlace.reduceScatter(pending, entries, output);
    } else {
      staged.reduceScatter(pending, output, input);
    }
  }

  /** Also unmaps the segments; the memory of an array stays until the array is closed too. */
  @Override
  public void close() {
    super.close();
    segments.forEach(SharedSegment::close);
    segments.clear();
    staged.close();
  }

  private List<Entry> enter(PendingCall pending, FlatTensor array) {
    return barrier.enter(pending, locate(pending.call(), array));
  }

  private Entry locate(Call call, FlatTensor array) {
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i).contains(array)) {
        return new Entry(rank(), call, i, segments.get(i).offsetOf(array));
      }
    }
    return Entry.unshared(rank(), call);
  }

  private static boolean allShared(List<Entry> entries) {
    return entries.stream().allMatch(Entry::isShared);
  }
}
