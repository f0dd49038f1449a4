package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Collectives between hosts: the leader of each acts for its ranks. An array travels in blocks;
 * each host owns a slice of every block, gets all ranks' values of its slice, combines them in rank
 * order, and sends the result to all. Sums of a host's ranks would be fewer bytes, but another
 * order: what hosts send is the values of each rank.
 *
 * <p>Each step is a round in which every pair of leaders exchanges one frame, empty or not. Rounds
 * keep the leaders within two blocks of each other, and every frame shows the call it belongs to.
 */
final class TcpExchange {
  private static final ByteBuffer[] NOTHING = {};

  private final Mesh mesh;
  private final Hosts hosts;
  private final Team leaders;
  private final int host;
  private final int chunkBytes;

  /**
   * Creates the exchange of a leader.
   *
   * @param chunkBytes limit of a frame
   */
  TcpExchange(Mesh mesh, Hosts hosts, int chunkBytes) {
    this.mesh = mesh;
    this.hosts = hosts;
    this.chunkBytes = chunkBytes;
    leaders = new Team(mesh, hosts.leaders());
    host = leaders.index();
  }

  /** What this host has for another one in a round. */
  private interface Outgoing {
    ByteBuffer[] to(int host);
  }

  /** Returns once the leaders of all hosts have entered the call. */
  void join(PendingCall pending) {
    sendRound(pending, peer -> NOTHING);
    for (int peer : leaders.othersFromNext()) {
      mesh.receive(pending, leaders.rank(peer)).close();
    }
  }

  /**
   * Combines the arrays of all ranks. The values of a block travel while the one before is
   * combined, and its result while the next is.
   *
   * @param own those of this host's ranks; undefined afterwards
   * @param result may be one of them
   */
  void allReduce(PendingCall pending, List<FlatTensor> own, FlatTensor result) {
    long most = hosts.count() * elements(result, hosts.largest());
    long blocks = Math.max(1, (result.length() + most - 1) / most);
    sendValues(pending, own, block(0, most, result.length()));
    for (long next = 1; next <= blocks; next++) {
      if (next < blocks) {
        sendValues(pending, own, block(next, most, result.length()));
      }
      Partition block = block(next - 1, most, result.length());
      combineSlice(pending, own, result, block);
      sendSlice(pending, result, block);
      if (next > 1) {
        receiveSlices(pending, result, block(next - 2, most, result.length()));
      }
    }
    receiveSlices(pending, result, block(blocks - 1, most, result.length()));
  }

  private Partition block(long number, long most, long length) {
    long start = number * most;
    return new Partition(start, Math.min(most, length - start), hosts.count());
  }

  /** Sends to each host the values of its slice of a block. */
  private void sendValues(PendingCall pending, List<FlatTensor> own, Partition block) {
    sendRound(pending, peer -> bytes(own, block.start(peer), block.count(peer)));
  }

  private void combineSlice(
      PendingCall pending, List<FlatTensor> own, FlatTensor result, Partition block) {
    try (Round round = new Round(pending, result.dataType(), block.count(host));
        FlatTensor target = result.slice(block.start(host), block.count(host))) {
      combine(
          pending,
          target,
          rank -> round.values(rank, hosts.position(rank), own, block.start(host)));
    }
  }

  /** Copies an array that one host has to all. */
  void broadcast(PendingCall pending, FlatTensor array, int root) {
    long slice = elements(array, 1);
    long start = 0;
    do {
      long count = Math.min(hosts.count() * slice, array.length() - start);
      Partition block = new Partition(start, count, hosts.count());
      sendRound(
          pending,
          peer ->
              host == root ? bytes(List.of(array), block.start(peer), block.count(peer)) : NOTHING);
      for (int peer : leaders.othersFromNext()) {
        receive(pending, peer, array, block.start(host), peer == root ? block.count(host) : 0);
      }
      shareSlices(pending, array, block);
      start += count;
    } while (start < array.length());
  }

  /**
   * Gathers the arrays of all ranks.
   *
   * @param own those of this host's ranks
   * @param output one row for each rank; a row may be one of the arrays
   */
  void allGather(PendingCall pending, List<FlatTensor> own, FlatTensor output) {
    long length = own.get(0).length();
    long chunk = elements(output, hosts.largest());
    long start = 0;
    do {
      long from = start;
      long count = Math.min(chunk, length - start);
      sendRound(pending, peer -> bytes(own, from, count));
      try (Round round = new Round(pending, output.dataType(), count)) {
        for (int rank = 0; rank < mesh.size(); rank++) {
          try (FlatTensor values = round.values(rank, hosts.position(rank), own, from);
              FlatTensor row = output.slice(rank * length + from, count)) {
            copy(row, values);
          }
        }
      }
      start += count;
    } while (start < length);
  }

  /**
   * Combines the arrays of all ranks, of which each gets its row.
   *
   * @param outputs for this host's ranks; may be their rows of the inputs
   * @param inputs of this host's ranks, one row for each rank; undefined afterwards
   */
  void reduceScatter(PendingCall pending, List<FlatTensor> outputs, List<FlatTensor> inputs) {
    long length = outputs.get(0).length();
    long chunk = elements(outputs.get(0), hosts.largest() * hosts.largest());
    long start = 0;
    do {
      long from = start;
      long count = Math.min(chunk, length - start);
      sendRound(pending, peer -> rows(inputs, hosts.ranks(peer), length, from, count));
      try (Round round = new Round(pending, outputs.get(0).dataType(), count)) {
        for (int i = 0; i < outputs.size(); i++) {
          int row = i;
          long offset = hosts.ranks(host).get(row) * length + from;
          try (FlatTensor target = outputs.get(row).slice(from, count)) {
            combine(
                pending,
                target,
                rank ->
                    round.values(
                        rank, hosts.position(rank) * outputs.size() + row, inputs, offset));
          }
        }
      }
      start += count;
    } while (start < length);
  }

  private void combine(PendingCall pending, FlatTensor target, IntFunction<FlatTensor> values) {
    try (FlatTensor sum = RankOrder.combine(pending.call().reduceOp(), mesh.size(), values)) {
      copy(target, sum);
    }
  }

  private void shareSlices(PendingCall pending, FlatTensor array, Partition block) {
    sendSlice(pending, array, block);
    receiveSlices(pending, array, block);
  }

  /** Sends this host's slice of a block to all. */
  private void sendSlice(PendingCall pending, FlatTensor array, Partition block) {
    sendRound(pending, peer -> bytes(List.of(array), block.start(host), block.count(host)));
  }

  private void receiveSlices(PendingCall pending, FlatTensor array, Partition block) {
    for (int peer : leaders.othersFromNext()) {
      receive(pending, peer, array, block.start(peer), block.count(peer));
    }
  }

  private void sendRound(PendingCall pending, Outgoing outgoing) {
    for (int peer : leaders.othersFromNext()) {
      mesh.send(pending, leaders.rank(peer), outgoing.to(peer));
    }
  }

  private void receive(PendingCall pending, int peer, FlatTensor array, long start, long count) {
    try (Frame frame = mesh.receive(pending, leaders.rank(peer));
        FlatTensor target = array.slice(start, count);
        FlatTensor received = frame.elements(array.dataType())) {
      target.copyFrom(received);
    }
  }

  /** Returns how many elements of an array may travel if a frame has room for some such pieces. */
  private long elements(FlatTensor array, int pieces) {
    return Math.max(1, chunkBytes / pieces / array.elementSize());
  }

  private static void copy(FlatTensor target, FlatTensor source) {
    if (target.address() != source.address()) {
      target.copyFrom(source);
    }
  }

  private static ByteBuffer[] bytes(List<FlatTensor> arrays, long start, long count) {
    return arrays.stream().map(array -> bytes(array, start, count)).toArray(ByteBuffer[]::new);
  }

  private static ByteBuffer[] rows(
      List<FlatTensor> arrays, List<Integer> rows, long length, long from, long count) {
    List<ByteBuffer> bytes = new ArrayList<>();
    for (FlatTensor array : arrays) {
      for (int row : rows) {
        bytes.add(bytes(array, row * length + from, count));
      }
    }
    return bytes.toArray(NOTHING);
  }

  private static ByteBuffer bytes(FlatTensor array, long start, long count) {
    int size = array.elementSize();
    return array.bytes(start * size, (int) (count * size));
  }

  /** What the leaders send in one round, received when it is needed. */
  private final class Round implements AutoCloseable {
    private final PendingCall pending;
    private final DataType type;
    private final long count;
    private final Frame[] frames = new Frame[hosts.count()];

    Round(PendingCall pending, DataType type, long count) {
      this.pending = pending;
      this.type = type;
      this.count = count;
    }

    /**
     * Returns the values of a rank.
     *
     * @param piece which of the equal pieces of a frame they are
     * @param own the arrays of this host's ranks
     * @param start where in them the values begin
     */
    FlatTensor values(int rank, int piece, List<FlatTensor> own, long start) {
      int from = hosts.hostOf(rank);
      if (from == host) {
        return own.get(hosts.position(rank)).slice(start, count);
      }
      if (frames[from] == null) {
        frames[from] = mesh.receive(pending, leaders.rank(from));
      }
      try (FlatTensor elements = frames[from].elements(type)) {
        return elements.slice(piece * count, count);
      }
    }

    @Override
    public void close() {
      for (Frame frame : frames) {
        if (frame != null) {
          frame.close();
        }
      }
    }
  }
}
