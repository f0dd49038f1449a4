package io.fabric4j.internal.distributed;

import io.fabric4j.FabricException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Exchanges byte arrays of uneven sizes among all ranks. */
final class ObjectExchange {
  private static final long MAX_TOTAL_BYTES = 1L << 30;

  private final Mesh mesh;
  private final int chunkBytes;

  ObjectExchange(Mesh mesh, int chunkBytes) {
    this.mesh = mesh;
    this.chunkBytes = chunkBytes;
  }

  /** Returns the bytes of all ranks, in rank order. */
  List<byte[]> exchange(PendingCall pending, byte[] mine) {
    List<byte[]> all = allocate(exchangeSizes(pending, mine.length));
    all.set(mesh.rank(), mine);
    int longest = all.stream().mapToInt(bytes -> bytes.length).max().orElse(0);
    for (long start = 0; start < longest; start += chunkBytes) {
      exchangeChunk(pending, all, start);
    }
    return all;
  }

  private long[] exchangeSizes(PendingCall pending, int mine) {
    for (int peer : mesh.peersFromNext()) {
      mesh.send(pending, peer, ByteBuffer.allocate(Long.BYTES).putLong(0, mine));
    }
    long[] sizes = new long[mesh.size()];
    sizes[mesh.rank()] = mine;
    for (int peer : mesh.peersFromNext()) {
      try (Frame frame = mesh.receive(pending, peer)) {
        sizes[peer] = frame.bytes().order(ByteOrder.BIG_ENDIAN).getLong();
      }
    }
    return sizes;
  }

  /** All ranks know all sizes: they fail together and before anything large is allocated. */
  private List<byte[]> allocate(long[] sizes) {
    long total = 0;
    for (long size : sizes) {
      total += size;
    }
    if (total > MAX_TOTAL_BYTES) {
      throw new FabricException(
          "The serialized objects of all ranks have "
              + total
              + " bytes, at most "
              + MAX_TOTAL_BYTES
              + " can be exchanged at once. Send large values as arrays.");
    }
    List<byte[]> all = new ArrayList<>();
    for (long size : sizes) {
      all.add(new byte[(int) size]);
    }
    return all;
  }

  private void exchangeChunk(PendingCall pending, List<byte[]> all, long start) {
    byte[] mine = all.get(mesh.rank());
    for (int peer : mesh.peersFromNext()) {
      mesh.send(pending, peer, ByteBuffer.wrap(mine, offset(mine, start), count(mine, start)));
    }
    for (int peer : mesh.peersFromNext()) {
      byte[] theirs = all.get(peer);
      try (Frame frame = mesh.receive(pending, peer)) {
        frame.bytes().get(theirs, offset(theirs, start), count(theirs, start));
      }
    }
  }

  private int offset(byte[] bytes, long start) {
    return (int) Math.min(bytes.length, start);
  }

  private int count(byte[] bytes, long start) {
    return (int) Math.min(chunkBytes, bytes.length - Math.min(bytes.length, start));
  }
}
