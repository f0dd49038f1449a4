package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The I/O thread of a mesh: reads from all peers, gives signs of life, notices silent and dead
 * peers, and spreads the news of a failure. It never waits for a peer or for the rank's thread.
 */
final class MeshLoop implements Runnable {
  private static final Logger LOGGER = LoggerFactory.getLogger(MeshLoop.class);
  private static final byte[] EMPTY = {};
  private static final long BUSY_MILLIS = 10;
  private static final long MAX_IDLE_MILLIS = 5000;
  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Mesh mesh;
  private final List<PeerConnection> peers;
  private final Duration peerTimeout;
  private final long heartbeatMillis;
  private final Selector selector;
  private long heartbeatNanos = System.nanoTime();
  private volatile boolean closing;
  private volatile long closingNanos;

  MeshLoop(Mesh mesh, List<PeerConnection> peers, Duration peerTimeout) throws IOException {
    this.mesh = mesh;
    this.peers = peers;
    this.peerTimeout = peerTimeout;
    heartbeatMillis = Math.max(1, Math.min(peerTimeout.toMillis() / 4, MAX_IDLE_MILLIS));
    selector = Selector.open();
    for (PeerConnection peer : peers) {
      peer.register(selector);
    }
  }

  void wakeUp() {
    selector.wakeup();
  }

  /** Makes the loop say goodbye and end. */
  void close() {
    closingNanos = System.nanoTime();
    closing = true;
    selector.wakeup();
  }

  @Override
  public void run() {
    try {
      while (!finished()) {
        selector.select(closing || mesh.failure() != null ? BUSY_MILLIS : heartbeatMillis);
        for (SelectionKey key : selector.selectedKeys()) {
          read((PeerConnection) key.attachment());
        }
        selector.selectedKeys().clear();
        speak();
      }
    } catch (IOException | RuntimeException | Error e) {
      LOGGER.error("{} The I/O thread has failed", mesh.roster().prefix(), e);
      mesh.fail(Failure.reported(mesh.roster(), e));
    } finally {
      peers.forEach(PeerConnection::end);
      Channels.close(selector);
    }
  }

  private boolean finished() {
    return closing
        && (peers.stream().allMatch(PeerConnection::ended)
            || System.nanoTime() - closingNanos > LINGER_NANOS);
  }

  private void read(PeerConnection peer) {
    if (peer.ended()) {
      return;
    }
    try {
      peer.read();
    } catch (ProtocolException e) {
      mesh.fail(Failure.broken(mesh.roster(), peer.peer(), e));
    } catch (IOException e) {
      peer.end();
    }
    if (peer.ended() && !peer.departed() && !closing) {
      mesh.fail(Failure.closed(mesh.roster(), peer.peer()));
    }
  }

  private void speak() {
    Failure failure = mesh.failure();
    if (failure != null) {
      peers.forEach(peer -> peer.farewell(FrameType.FAILURE, failure.encode()));
    } else if (closing) {
      peers.forEach(peer -> peer.farewell(FrameType.GOODBYE, EMPTY));
    } else if (System.nanoTime() - heartbeatNanos > heartbeatMillis * 900_000) {
      heartbeatNanos = System.nanoTime();
      byte[] entered = ByteBuffer.allocate(Long.BYTES).putLong(mesh.entered()).array();
      peers.stream().filter(peer -> !peer.ended()).forEach(peer -> beat(peer, entered));
    }
  }

  private void beat(PeerConnection peer, byte[] entered) {
    if (peer.silentNanos() > peerTimeout.toNanos()) {
      mesh.fail(Failure.silent(mesh.roster(), peer.peer(), peerTimeout));
      return;
    }
    try {
      peer.writer().tryControl(FrameType.HEARTBEAT, entered);
    } catch (IOException e) {
      // The peer's end of stream or its last words are about to be read.
      LOGGER.debug("{} No heartbeat to rank {}", mesh.roster().prefix(), peer.peer(), e);
    }
  }
}
