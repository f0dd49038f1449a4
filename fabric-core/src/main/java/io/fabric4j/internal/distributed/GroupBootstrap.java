package io.fabric4j.internal.distributed;

import static java.util.Objects.requireNonNull;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of one rank into a process group: it opens a port, tells the others through any channel
 * where it is, and joins them.
 *
 * <pre>{@code
 * try (GroupBootstrap bootstrap = GroupBootstrap.open(address, host, key, GroupOptions.defaults())) {
 *   List<String> endpoints = ...; // endpoint() of every rank, in rank order
 *   ProcessGroup group = bootstrap.join(rank, endpoints);
 * }
 * }</pre>
 */
public final class GroupBootstrap implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(GroupBootstrap.class);
  private static final int MIN_KEY_BYTES = 16;
  private static final int BACKLOG = 1024;

  private final ServerSocketChannel listener;
  private final byte[] key;
  private final GroupOptions options;
  private final Endpoint endpoint;
  private final Site site;

  private GroupBootstrap(
      ServerSocketChannel listener,
      byte[] key,
      GroupOptions options,
      Endpoint endpoint,
      Site site) {
    this.listener = listener;
    this.key = key;
    this.options = options;
    this.endpoint = endpoint;
    this.site = site;
  }

  /**
   * Starts to listen for the other ranks.
   *
   * @param bind the local address
   * @param advertisedHost the name or address under which the other ranks reach it
   * @param key the secret of this launch, at least 16 bytes, equal on all ranks
   * @throws FabricException if no port of the range can be opened
   */
  public static GroupBootstrap open(
      InetAddress bind, String advertisedHost, byte[] key, GroupOptions options) {
    requireNonNull(bind, "bind is null");
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "The key has " + key.length + " bytes. Use at least " + MIN_KEY_BYTES + ".");
    }
    if (advertisedHost.isEmpty() || advertisedHost.indexOf(',') >= 0) {
      throw new IllegalArgumentException("'" + advertisedHost + "' is not a host.");
    }
    TorchLibrary.load();
    ServerSocketChannel listener = listen(bind, options);
    Endpoint endpoint =
        new Endpoint(
            advertisedHost,
            listener.socket().getLocalPort(),
            options.transport(),
            options.chunkBytes(),
            options.transport() == Transport.TCP
                ? Optional.empty()
                : proveMount(options.sharedFolder()));
    byte[] ownKey = key.clone();
    Site site = new Site(bind, advertisedHost, ownKey, options);
    return new GroupBootstrap(listener, ownKey, options, endpoint, site);
  }

  /** Returns what this rank has to tell the others: a short printable line without secrets. */
  public String endpoint() {
    return endpoint.encode();
  }

  /**
   * Connects with all other ranks and agrees with them on the transport.
   *
   * @param rank this rank
   * @param endpoints {@link #endpoint()} of all ranks, in rank order
   * @throws IllegalArgumentException if the endpoints are malformed or not in rank order
   * @throws ProcessGroupException naming the missing ranks if not all connect in time
   */
  public ProcessGroup join(int rank, List<String> endpoints) {
    List<Endpoint> all = endpoints.stream().map(Endpoint::decode).toList();
    if (rank < 0 || rank >= all.size() || !all.get(rank).equals(endpoint)) {
      throw new IllegalArgumentException(
          "The endpoint of rank " + rank + " is not that of this rank. Pass all in rank order.");
    }
    if (all.size() == 1) {
      close();
      return new SingleProcessGroup();
    }
    Roster roster = new Roster(rank, all.stream().map(Endpoint::address).toList());
    GroupSettings settings =
        new GroupSettings(
            options.callTimeout(),
            all.stream().mapToInt(Endpoint::chunkBytes).min().getAsInt(),
            options.maxObjectBytes(),
            site);
    Mesh mesh = connect(roster, all, settings);
    try {
      ProcessGroup group = new TransportChoice(mesh, settings, options, all).choose();
      LOGGER.info(
          "{} Joined a group of {} ranks, transport {}",
          roster.prefix(),
          roster.size(),
          group.transport());
      return group;
    } catch (RuntimeException | Error e) {
      mesh.fail(Failure.reported(roster, e));
      mesh.close();
      throw e;
    } finally {
      close();
    }
  }

  /** Stops listening. A group that has been joined goes on. */
  @Override
  public void close() {
    Channels.close(listener);
    endpoint.mount().ifPresent(MountProof::delete);
  }

  private Mesh connect(Roster roster, List<Endpoint> all, GroupSettings settings) {
    Map<Integer, Link> links = new MeshConnector(roster, all, options).connect(listener, key);
    try {
      return new Mesh(roster, links, settings.chunkBytes(), options.peerTimeout());
    } catch (IOException e) {
      links.values().forEach(Channels::close);
      throw new ProcessGroupException(roster.prefix() + " Cannot serve the connections: " + e, e);
    }
  }

  private static ServerSocketChannel listen(InetAddress bind, GroupOptions options) {
    IOException failure = null;
    for (int port = options.firstPort(); port <= options.lastPort(); port++) {
      ServerSocketChannel listener = null;
      try {
        listener = ServerSocketChannel.open();
        return listener.bind(new InetSocketAddress(bind, port), BACKLOG);
      } catch (IOException e) {
        Channels.close(listener);
        failure = e;
      }
    }
    throw new FabricException(
        "Cannot listen on "
            + bind.getHostAddress()
            + ", ports "
            + options.firstPort()
            + "-"
            + options.lastPort()
            + ": "
            + failure
            + ". Use an address of this host and a range with a free port for every rank.",
        failure);
  }

  private static Optional<MountProof> proveMount(Path folder) {
    try {
      return Optional.of(MountProof.create(folder));
    } catch (IOException | UnsupportedOperationException e) {
      LOGGER.info("No shared memory in {}: {}", folder, e.toString());
      return Optional.empty();
    }
  }
}
