package io.fabric4j.internal.distributed;

import io.fabric4j.FabricException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Finds the transport that all ranks can use. Every rank comes to the same result. */
final class TransportChoice {
  private final Mesh mesh;
  private final GroupSettings settings;
  private final List<Endpoint> endpoints;
  private final Path folder;
  private final PendingCall pending;

  TransportChoice(
      Mesh mesh, GroupSettings settings, GroupOptions options, List<Endpoint> endpoints) {
    this.mesh = mesh;
    this.settings = settings;
    this.endpoints = endpoints;
    folder = options.sharedFolder();
    Call call = Call.plain(0, Operation.JOIN, Call.NO_ROOT);
    pending = new PendingCall(mesh, call, options.connectTimeout());
  }

  MeshProcessGroup choose() {
    Optional<MeshProcessGroup> group =
        anyWants(Transport.TCP) ? Optional.empty() : trySharedMemory(findHosts());
    return group.orElseGet(this::joinTcp);
  }

  private boolean anyWants(Transport transport) {
    return endpoints.stream().anyMatch(endpoint -> endpoint.transport() == transport);
  }

  /** All ranks learn what each sees, and so come to the same hosts. */
  private Hosts findHosts() {
    Team team = Team.all(mesh);
    BitSet own = new BitSet();
    for (int rank = 0; rank < endpoints.size(); rank++) {
      own.set(rank, endpoints.get(rank).mount().map(m -> m.isVisibleIn(folder)).orElse(false));
    }
    for (int peer : team.othersFromNext()) {
      mesh.send(pending, peer, ByteBuffer.wrap(own.toByteArray()));
    }
    BitSet[] visible = new BitSet[endpoints.size()];
    visible[mesh.rank()] = own;
    for (int peer : team.othersFromNext()) {
      try (Frame frame = mesh.receive(pending, peer)) {
        visible[peer] = BitSet.valueOf(frame.bytes());
      }
    }
    return Hosts.of(List.of(visible));
  }

  private Optional<MeshProcessGroup> trySharedMemory(Hosts hosts) {
    List<Path> prefixes = endpoints.stream().map(this::prefix).toList();
    if (hosts.count() == 1) {
      return SharedMemoryProcessGroup.create(pending, mesh, settings, prefixes);
    }
    return hosts.count() == mesh.size() || anyWants(Transport.SHARED_MEMORY)
        ? Optional.empty()
        : HierarchicalProcessGroup.create(pending, mesh, settings, hosts, prefixes);
  }

  /** Nothing is written under the name of a rank that lacks a mount: it is a host of its own. */
  private Path prefix(Endpoint endpoint) {
    return endpoint.mount().map(mount -> mount.in(folder)).orElse(folder);
  }

  /** On no rank is the group complete before it is on all. */
  private MeshProcessGroup joinTcp() {
    if (anyWants(Transport.SHARED_MEMORY)) {
      throw new FabricException(
          mesh.roster().prefix()
              + " The transport shared-memory was asked for, but the ranks do not all see one"
              + " folder with room for it (see the log for the folder and the reason), or a rank"
              + " asks for tcp. Use transport auto, or run the ranks on one host with a larger"
              + " /dev/shm.");
    }
    Team.all(mesh).agree(pending, true);
    return new TcpProcessGroup(mesh, settings);
  }
}
