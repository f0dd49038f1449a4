package io.fabric4j.internal.distributed;

import io.fabric4j.FabricException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the transport that all ranks can use. Every rank comes to the same result. */
final class TransportChoice {
  private final Mesh mesh;
  private final GroupSettings settings;
  private final List<Endpoint> endpoints;
  private final PendingCall pending;

  TransportChoice(
      Mesh mesh, GroupSettings settings, GroupOptions options, List<Endpoint> endpoints) {
    this.mesh = mesh;
    this.settings = settings;
    this.endpoints = endpoints;
    Call call = Call.plain(0, Operation.JOIN, Call.NO_ROOT);
    pending = new PendingCall(mesh, call, options.connectTimeout());
  }

  MeshProcessGroup choose() {
    Optional<MeshProcessGroup> shared =
        anyWants(Transport.TCP) ? Optional.empty() : trySharedMemory();
    if (shared.isEmpty() && anyWants(Transport.SHARED_MEMORY)) {
      throw new FabricException(
          mesh.roster().prefix()
              + " The transport shared-memory was asked for, but the ranks do not all see one"
              + " folder with room for it (see the log for the folder and the reason), or a rank"
              + " asks for tcp. Use transport auto, or run the ranks on one host with a larger"
              + " /dev/shm.");
    }
    return shared.orElseGet(this::joinTcp);
  }

  private boolean anyWants(Transport transport) {
    return endpoints.stream().anyMatch(endpoint -> endpoint.transport() == transport);
  }

  private Optional<MeshProcessGroup> trySharedMemory() {
    boolean visible =
        endpoints.stream()
            .allMatch(endpoint -> endpoint.mount().map(MountProof::isVisible).orElse(false));
    if (!mesh.agree(pending, visible)) {
      return Optional.empty();
    }
    List<Path> prefixes = endpoints.stream().map(e -> e.mount().get().file()).toList();
    return SharedMemoryProcessGroup.create(pending, mesh, settings, prefixes);
  }

  /** On no rank is the group complete before it is on all. */
  private MeshProcessGroup joinTcp() {
    mesh.agree(pending, true);
    return new TcpProcessGroup(mesh, settings);
  }
}
