package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Compares the calls that the ranks of a group make elsewhere, for instance on GPUs: order, type,
 * size and arguments, with the messages and deadlines of a host group.
 *
 * <p>It is a subgroup of all ranks with a thread of its own to call it. A failure of the group ends
 * the mirror, and the reverse; the texts are the same.
 */
public final class CallMirror implements AutoCloseable {
  private final ProcessGroup host;
  private final MeshProcessGroup group;

  private CallMirror(ProcessGroup host, MeshProcessGroup group) {
    this.host = host;
    this.group = group;
    group.mesh().onFailure(this::failHost);
  }

  /** Opens a mirror. A collective of the group: all ranks must call it. */
  public static CallMirror open(ProcessGroup host) {
    if (host.size() == 1) {
      return new CallMirror(host, alone());
    }
    List<Integer> all = IntStream.range(0, host.size()).boxed().toList();
    return new CallMirror(host, (MeshProcessGroup) host.subgroup(all).orElseThrow());
  }

  /** A mesh without peers: nothing to compare, but deadlines and failures are the same. */
  private static MeshProcessGroup alone() {
    GroupOptions options = GroupOptions.defaults();
    GroupSettings settings =
        new GroupSettings(
            options.callTimeout(), options.chunkBytes(), options.maxObjectBytes(), null);
    Roster roster = new Roster(0, List.of("localhost"));
    try {
      return new TcpProcessGroup(
          new Mesh(roster, Map.of(), options.chunkBytes(), options.peerTimeout()), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns how long {@link #compare} waits for all ranks. */
  public Duration callTimeout() {
    return group.callTimeout();
  }

  /** Returns {@code [rank 1/4]}, the prefix of messages. */
  public String prefix() {
    return group.mesh().roster().prefix();
  }

  /**
   * Returns once every rank has come here with the same call. For one thread at a time, and with
   * calls numbered 1, 2, 3 and so on.
   *
   * @param watch run again and again meanwhile; its exception ends the groups on all ranks
   * @throws ProcessGroupException if a rank calls something else, is late, leaves or dies
   */
  public void compare(Call call, Runnable watch) {
    group.compare(call, watch);
  }

  /** Sets what to run, on any thread and perhaps twice, once the groups have failed. */
  public void onFailure(Runnable listener) {
    group.mesh().onFailure(failure -> listener.run());
  }

  /** Returns whether the groups have failed. */
  public boolean hasFailed() {
    return failure() != null;
  }

  /** Returns what a call has to throw because the groups have failed. */
  public ProcessGroupException failure(Call call) {
    return failure().toException(group.mesh().roster(), call);
  }

  private Failure failure() {
    Failure first = host instanceof MeshProcessGroup mesh ? mesh.mesh().failure() : null;
    return first == null ? group.mesh().failure() : first;
  }

  /** Ends the groups on all ranks with an error of this one. Safe from any thread. */
  public void fail(Throwable cause) {
    group.abort(cause);
  }

  /** Ends the groups on all ranks because the thread of this rank was interrupted. */
  public void failInterrupted() {
    group.mesh().fail(Failure.interrupted(group.mesh().roster()));
  }

  /** Leaves the mirror; the host group goes on. Never blocks on peers. */
  @Override
  public void close() {
    group.close();
  }

  private void failHost(Failure failure) {
    if (host instanceof MeshProcessGroup mesh) {
      mesh.mesh().fail(failure);
    } else {
      host.abort(new ProcessGroupException(failure.text(), failure.cause()));
    }
  }
}
