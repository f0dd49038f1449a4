package io.fabric4j.internal.distributed;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of a process group. The transport and the chunk size may differ between ranks: the
 * strictest transport and the smallest chunk win.
 *
 * @param connectTimeout how long {@code join} waits for all ranks
 * @param callTimeout how long a collective waits for all ranks
 * @param peerTimeout how long a peer may stay silent before it counts as dead
 * @param transport which transport to use
 * @param sharedFolder folder on a memory file system, seen by the ranks of one host
 * @param firstPort lowest port to listen on, 0 for any free port
 * @param lastPort highest port to listen on
 * @param chunkBytes size of the pieces in which arrays travel, a multiple of 64
 * @param maxObjectBytes what the serialized objects of one call take at most, on all ranks together
 * @param encrypted whether connections are encrypted; equal on all ranks. Shared memory is not: it
 *     is as private as the memory of the processes
 */
public record GroupOptions(
    Duration connectTimeout,
    Duration callTimeout,
    Duration peerTimeout,
    Transport transport,
    Path sharedFolder,
    int firstPort,
    int lastPort,
    int chunkBytes,
    int maxObjectBytes,
    boolean encrypted) {
  static final int MIN_CHUNK_BYTES = 64 << 10;
  static final int MAX_CHUNK_BYTES = 64 << 20;

  /** Rejects values that can never work. */
  public GroupOptions {
    requirePositive(connectTimeout, "connectTimeout");
    requirePositive(callTimeout, "callTimeout");
    requirePositive(peerTimeout, "peerTimeout");
    requireNonNull(transport, "transport is null");
    requireNonNull(sharedFolder, "sharedFolder is null");
    if (firstPort < 0 || lastPort < firstPort || lastPort > 65535) {
      throw new IllegalArgumentException(
          "Port range " + firstPort + "-" + lastPort + " is not within 0-65535.");
    }
    if (chunkBytes < MIN_CHUNK_BYTES || chunkBytes > MAX_CHUNK_BYTES || chunkBytes % 64 != 0) {
      throw new IllegalArgumentException(
          "chunkBytes is "
              + chunkBytes
              + ". Use a multiple of 64 from "
              + MIN_CHUNK_BYTES
              + " to "
              + MAX_CHUNK_BYTES
              + ".");
    }
    if (maxObjectBytes <= 0) {
      throw new IllegalArgumentException(
          "maxObjectBytes is " + maxObjectBytes + ". Use a positive number.");
    }
  }

  /** Returns the settings that suit most clusters. */
  public static GroupOptions defaults() {
    return new GroupOptions(
        Duration.ofSeconds(60),
        Duration.ofMinutes(10),
        Duration.ofSeconds(60),
        Transport.AUTO,
        Path.of("/dev/shm"),
        0,
        0,
        1 << 20,
        1 << 30,
        false);
  }

  /** Returns these settings with other timeouts. */
  public GroupOptions withTimeouts(Duration connect, Duration call, Duration peer) {
    return new GroupOptions(
        connect,
        call,
        peer,
        transport,
        sharedFolder,
        firstPort,
        lastPort,
        chunkBytes,
        maxObjectBytes,
        encrypted);
  }

  /** Returns these settings with another transport. */
  public GroupOptions withTransport(Transport value) {
    return with(value, sharedFolder, chunkBytes, maxObjectBytes, encrypted);
  }

  /** Returns these settings with another folder for shared memory. */
  public GroupOptions withSharedFolder(Path value) {
    return with(transport, value, chunkBytes, maxObjectBytes, encrypted);
  }

  /** Returns these settings with a range of ports to listen on, both ends included. */
  public GroupOptions withPorts(int first, int last) {
    return new GroupOptions(
        connectTimeout,
        callTimeout,
        peerTimeout,
        transport,
        sharedFolder,
        first,
        last,
        chunkBytes,
        maxObjectBytes,
        encrypted);
  }

  /** Returns these settings with another chunk size. */
  public GroupOptions withChunkBytes(int value) {
    return with(transport, sharedFolder, value, maxObjectBytes, encrypted);
  }

  /** Returns these settings with another limit of objects. */
  public GroupOptions withMaxObjectBytes(int value) {
    return with(transport, sharedFolder, chunkBytes, value, encrypted);
  }

  /** Returns these settings with connections encrypted or not. */
  public GroupOptions withEncryption(boolean value) {
    return with(transport, sharedFolder, chunkBytes, maxObjectBytes, value);
  }

  private GroupOptions with(
      Transport newTransport,
      Path newFolder,
      int newChunk,
      int newMaxObject,
      boolean newEncrypted) {
    return new GroupOptions(
        connectTimeout,
        callTimeout,
        peerTimeout,
        newTransport,
        newFolder,
        firstPort,
        lastPort,
        newChunk,
        newMaxObject,
        newEncrypted);
  }

  static void requirePositive(Duration duration, String name) {
    requireNonNull(duration, name + " is null");
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " is " + duration + ". Use a positive duration.");
    }
  }
}
