package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.ByteBuffer;

/**
 * Collectives over the mesh. An array travels in blocks; each rank owns a slice of every block,
 * gets the others' values of its slice, combines them in rank order, and sends the result to all.
 * Every rank sends as many bytes as in a ring, in two steps instead of {@code 2 (size - 1)}.
 *
 * <p>Each step is a round in which every pair of ranks exchanges one frame, empty or not. Rounds
 * keep the ranks within one chunk of each other, and every frame shows the call it belongs to.
 */
final class TcpProcessGroup extends MeshProcessGroup {
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final int chunkBytes;

  TcpProcessGroup(Mesh mesh, GroupSettings settings) {
    super(mesh, settings);
    this.chunkBytes = settings.chunkBytes();
  }

  /** What a rank has for another one in a round. */
  private interface Outgoing {
    ByteBuffer to(int peer);
  }

  @Override
  public String transport() {
    return Transport.TCP.label();
  }

  @Override
  void join(PendingCall pending) {
    sendRound(pending, peer -> EMPTY);
    for (int peer : mesh().peersFromNext()) {
      mesh().receive(pending, peer).close();
    }
  }

  @Override
  FlatTensor allocate(PendingCall pending) {
    join(pending);
    return FlatTensor.zeros(pending.call().dataType(), pending.call().length());
  }

  @Override
  void allReduce(PendingCall pending, FlatTensor array) {
    long start = 0;
    do {
      Partition block = block(array, start);
      sendRound(pending, peer -> bytes(array, block.start(peer), block.count(peer)));
      try (FlatTensor own = array.slice(block.start(rank()), block.count(rank()))) {
        combine(pending, own);
      }
      shareSlices(pending, array, block);
      start += block.count();
    } while (start < array.length());
  }

  @Override
  void broadcast(PendingCall pending, FlatTensor array) {
    int root = pending.call().root();
    long start = 0;
    do {
      Partition block = block(array, start);
      sendRound(
          pending,
          peer -> rank() == root ? bytes(array, block.start(peer), block.count(peer)) : EMPTY);
      for (int peer : mesh().peersFromNext()) {
        long count = peer == root ? block.count(rank()) : 0;
        receive(pending, peer, array, block.start(rank()), count);
      }
      shareSlices(pending, array, block);
      start += block.count();
    } while (start < array.length());
  }

  @Override
  void allGather(PendingCall pending, FlatTensor output, FlatTensor input) {
    try (FlatTensor own = output.slice(rank() * input.length(), input.length())) {
      own.copyFrom(input);
    }
    long chunk = chunkBytes / input.elementSize();
    long start = 0;
    do {
      long from = start;
      long count = Math.min(chunk, input.length() - start);
      sendRound(pending, peer -> bytes(input, from, count));
      for (int peer : mesh().peersFromNext()) {
        receive(pending, peer, output, peer * input.length() + start, count);
      }
      start += count;
    } while (start < input.length());
  }

  @Override
  void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input) {
    long chunk = chunkBytes / input.elementSize();
    long start = 0;
    do {
      long from = start;
      long count = Math.min(chunk, output.length() - start);
      sendRound(pending, peer -> bytes(input, peer * output.length() + from, count));
      try (FlatTensor own = input.slice(rank() * output.length() + start, count);
          FlatTensor result = output.slice(start, count)) {
        combine(pending, own);
        result.copyFrom(own);
      }
      start += count;
    } while (start < output.length());
  }

  /** Sends this rank's slice of a block to all and receives theirs. */
  private void shareSlices(PendingCall pending, FlatTensor array, Partition block) {
    sendRound(pending, peer -> bytes(array, block.start(rank()), block.count(rank())));
    for (int peer : mesh().peersFromNext()) {
      receive(pending, peer, array, block.start(peer), block.count(peer));
    }
  }

  private void sendRound(PendingCall pending, Outgoing outgoing) {
    for (int peer : mesh().peersFromNext()) {
      mesh().send(pending, peer, outgoing.to(peer));
    }
  }

  private void receive(PendingCall pending, int peer, FlatTensor array, long start, long count) {
    try (Frame frame = mesh().receive(pending, peer);
        FlatTensor target = array.slice(start, count);
        FlatTensor received = frame.elements(array.dataType())) {
      target.copyFrom(received);
    }
  }

  /** Replaces this rank's values by those of all ranks, combined in rank order. */
  private void combine(PendingCall pending, FlatTensor own) {
    ReduceOp op = pending.call().reduceOp();
    if (rank() == 0) {
      addPeers(pending, own, own, op);
    } else {
      try (Frame first = mesh().receive(pending, 0);
          FlatTensor sum = first.elements(own.dataType())) {
        addPeers(pending, sum, own, op);
        own.copyFrom(sum);
      }
    }
    if (op == ReduceOp.AVG) {
      own.divide(size());
    }
  }

  private void addPeers(PendingCall pending, FlatTensor sum, FlatTensor own, ReduceOp op) {
    for (int peer = 1; peer < size(); peer++) {
      if (peer == rank()) {
        sum.reduce(op, own);
      } else {
        try (Frame frame = mesh().receive(pending, peer);
            FlatTensor other = frame.elements(own.dataType())) {
          sum.reduce(op, other);
        }
      }
    }
  }

  private Partition block(FlatTensor array, long start) {
    long chunk = chunkBytes / array.elementSize();
    return new Partition(start, Math.min(size() * chunk, array.length() - start), size());
  }

  private static ByteBuffer bytes(FlatTensor array, long start, long count) {
    return array.bytes(start * array.elementSize(), (int) (count * array.elementSize()));
  }
}
