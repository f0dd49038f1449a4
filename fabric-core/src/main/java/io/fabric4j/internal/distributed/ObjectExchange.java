package io.fabric4j.internal.distributed;

import io.fabric4j.FabricException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Exchanges byte arrays of uneven sizes among all ranks. */
final class ObjectExchange {
  private final Mesh mesh;
  private final int chunkBytes;
  private final int maxTotalBytes;

  ObjectExchange(Mesh mesh, GroupSettings settings) {
    this.mesh = mesh;
    this.chunkBytes = settings.chunkBytes();
    this.maxTotalBytes = settings.maxObjectBytes();
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
    long total = LongStream.of(sizes).sum();
    if (total > maxTotalBytes) {
      throw new FabricException(
          "The serialized objects of all ranks have "
              + total
              + " bytes ("
              + Arrays.toString(sizes)
              + " by rank), at most "
              + maxTotalBytes
              + " can be exchanged at once. Send large values as arrays.");
    }
    return LongStream.of(sizes).mapToObj(size -> new byte[(int) size]).collect(Collectors.toList());
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
