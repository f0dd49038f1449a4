package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ProcessGroupException;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Connects this rank with all others: it calls the lower ones and lets the higher ones in. */
final class MeshConnector {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Roster roster;
  private final List<Endpoint> endpoints;
  private final GroupOptions options;
  private final long deadlineNanos;
  private final Map<Integer, Link> links = new TreeMap<>();
  private final Map<Integer, String> problems = new TreeMap<>();

  MeshConnector(Roster roster, List<Endpoint> endpoints, GroupOptions options) {
    this.roster = roster;
    this.endpoints = endpoints;
    this.options = options;
    deadlineNanos = System.nanoTime() + options.connectTimeout().toNanos();
  }

  /**
   * Returns the connections to all other ranks.
   *
   * @throws ProcessGroupException naming the ranks that are missing at the deadline
   */
  Map<Integer, Link> connect(ServerSocketChannel listener, byte[] key) {
    Handshake handshake = new Handshake(key, roster.rank(), roster.size(), options.encrypted());
    try (Acceptor acceptor = new Acceptor(listener, handshake, roster.rank())) {
      dialLowerRanks(new Dialer(handshake, roster));
      int higherRanks = roster.size() - 1 - roster.rank();
      links.putAll(acceptor.take(higherRanks, remaining()));
      if (links.size() < roster.size() - 1) {
        throw missing(acceptor.refused());
      }
      return links;
    } catch (IOException e) {
      throw abandon(new ProcessGroupException(roster.prefix() + " Cannot accept peers: " + e, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw abandon(
          new ProcessGroupException(roster.prefix() + " Interrupted while connecting.", e));
    } catch (ProcessGroupException e) {
      throw abandon(e);
    }
  }

  private void dialLowerRanks(Dialer dialer) throws InterruptedException {
    while (links.size() < roster.rank() && !remaining().isZero()) {
      for (int peer = 0; peer < roster.rank(); peer++) {
        if (!links.containsKey(peer)) {
          tryDial(dialer, peer);
        }
      }
      if (links.size() < roster.rank()) {
        Thread.sleep(PAUSE.toMillis());
      }
    }
  }

  private void tryDial(Dialer dialer, int peer) {
    try {
      links.put(peer, dialer.dial(peer, endpoints.get(peer), remaining()));
    } catch (IOException e) {
      problems.put(peer, e.toString());
    }
  }

  private Duration remaining() {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  private ProcessGroupException missing(int refused) {
    StringBuilder text = new StringBuilder(roster.prefix());
    text.append(" Not all ranks connected within ")
        .append(Failure.seconds(options.connectTimeout()));
    String separator = ": missing ";
    for (int peer = 0; peer < roster.size(); peer++) {
      if (peer != roster.rank() && !links.containsKey(peer)) {
        String problem = problems.getOrDefault(peer, "it did not call");
        text.append(separator).append(roster.name(peer)).append(": ").append(problem);
        separator = "; ";
      }
    }
    text.append(". ").append(refused).append(" connections were refused.");
    text.append(" Look at the missing ranks' logs, and check that their hosts and ports can be")
        .append(" reached from here.");
    return new ProcessGroupException(text.toString());
  }

  private ProcessGroupException abandon(ProcessGroupException e) {
    links.values().forEach(Channels::close);
    return e;
  }
}
