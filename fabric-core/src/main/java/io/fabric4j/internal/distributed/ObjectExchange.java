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
  private final Team ranks;
  private final int chunkBytes;
  private final int maxTotalBytes;

  ObjectExchange(Mesh mesh, GroupSettings settings) {
    this.mesh = mesh;
    ranks = Team.all(mesh);
    this.chunkBytes = settings.chunkBytes();
    this.maxTotalBytes = settings.maxObjectBytes();
  }

  /** Returns how many bytes each rank has. */
  long[] exchangeSizes(PendingCall pending, int mine) {
    for (int peer : ranks.othersFromNext()) {
      mesh.send(pending, peer, ByteBuffer.allocate(Long.BYTES).putLong(0, mine));
    }
    long[] sizes = new long[mesh.size()];
    sizes[mesh.rank()] = mine;
    for (int peer : ranks.othersFromNext()) {
      try (Frame frame = mesh.receive(pending, peer)) {
        sizes[peer] = frame.bytes().order(ByteOrder.BIG_ENDIAN).getLong();
      }
    }
    return sizes;
  }

  /** Throws on all ranks, which know all sizes, before anything large is allocated. */
  void requireWithinLimit(long[] sizes) {
    long total = LongStream.of(sizes).sum();
    if (total > maxTotalBytes) {
      throw new FabricException(
          mesh.roster().prefix()
              + " The serialized objects of all ranks have "
              + total
              + " bytes ("
              + Arrays.toString(sizes)
              + " by rank), at most "
              + maxTotalBytes
              + " can be exchanged at once. Send large values as arrays.");
    }
  }

  /** Returns the bytes of all ranks, in rank order. */
  List<byte[]> exchange(PendingCall pending, byte[] mine, long[] sizes) {
    List<byte[]> all =
        LongStream.of(sizes).mapToObj(size -> new byte[(int) size]).collect(Collectors.toList());
    all.set(mesh.rank(), mine);
    long longest = LongStream.of(sizes).max().orElse(0);
    for (long start = 0; start < longest; start += chunkBytes) {
      exchangeChunk(pending, all, start);
    }
    return all;
  }

  private void exchangeChunk(PendingCall pending, List<byte[]> all, long start) {
    byte[] mine = all.get(mesh.rank());
    for (int peer : ranks.othersFromNext()) {
      mesh.send(pending, peer, ByteBuffer.wrap(mine, offset(mine, start), count(mine, start)));
    }
    for (int peer : ranks.othersFromNext()) {
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
