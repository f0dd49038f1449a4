package io.fabric4j.spark.internal.data;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.DistributedSampler;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.unsafe.Platform;

/**
 * Shuffles the rows of all ranks together and deals them out. A round is a reduce-scatter of bytes:
 * for each place in it one rank has a row and all others have zeros, so the sum is the row.
 */
final class RowExchange {
  private static final long ROUND_BYTES = 1 << 25;

  /** Largest part of the mean that is even enough, unless a round can share out all rows. */
  private static final double EVEN = 1.05;

  private final Table table;
  private final ProcessGroup group;
  private final int ranks;
  private final int rowBytes;
  private final long total;
  private final long first;
  private final long most;

  /** Learns how many rows each rank has. Collective. */
  RowExchange(Table table, ProcessGroup group) {
    this.table = table;
    this.group = group;
    ranks = group.size();
    rowBytes = table.layout().rowBytes();
    List<Long> rows = group.allGatherObject(table.rows());
    total = sum(rows);
    first = sum(rows.subList(0, group.rank()));
    most = Collections.max(rows);
  }

  private static long sum(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).sum();
  }

  /** Returns whether no rank has much more rows than the mean, of few rows any more. */
  boolean isEven() {
    double allowed = total * rowBytes <= ROUND_BYTES ? 1 : EVEN;
    return most <= Math.ceil(allowed * total / ranks);
  }

  /** Returns this rank's rows of an epoch, the caller's to close. Collective. */
  Table run(long seed, long epoch) {
    if (total == 0) {
      return table;
    }
    long[] order = DistributedSampler.builder(total).seed(seed).build().indices(epoch);
    long rounds = (total + ranks - 1) / ranks;
    int places = (int) Math.max(1, Math.min(rounds, ROUND_BYTES / rowBytes / ranks));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        RowSink sink = new RowSink(rowBytes, table.storage())) {
      NDArray input = manager.create(new Shape(ranks, places, rowBytes), DataType.UINT8);
      NDArray output = manager.create(new Shape(places, rowBytes), DataType.UINT8);
      for (long start = 0; start < rounds; start += places) {
        put(input, order, start, places);
        group.reduceScatter(output, input, ReduceOp.SUM).waitFor();
        take(output, sink, Math.min(places, ownRows() - start));
      }
      return table.withRows(sink.rows(), sink.rows() == 0 ? null : sink.finish());
    }
  }

  private long ownRows() {
    return (total - group.rank() + ranks - 1) / ranks;
  }

  /** Puts this rank's rows where the ranks get them that they are for. */
  private void put(NDArray input, long[] order, long start, int places) {
    LongStream.Builder rows = LongStream.builder();
    LongStream.Builder targets = LongStream.builder();
    try (FlatTensor memory = FlatTensor.of(input)) {
      for (int i = 0; i < ranks * places; i++) {
        long position = (start + i % places) * ranks + i / places;
        long row = position < total ? order[(int) position] - first : -1;
        if (row >= 0 && row < table.rows()) {
          rows.add(row);
          targets.add(memory.address() + (long) i * rowBytes);
        }
      }
      memory.zero();
      if (table.rows() > 0) {
        table.block().copyRows(rows.build().toArray(), targets.build().toArray());
      }
    }
  }

  private void take(NDArray output, RowSink sink, long count) {
    byte[] row = new byte[rowBytes];
    try (FlatTensor memory = FlatTensor.of(output)) {
      for (int i = 0; i < count; i++) {
        long source = memory.address() + (long) i * rowBytes;
        Platform.copyMemory(null, source, row, Platform.BYTE_ARRAY_OFFSET, rowBytes);
        sink.append(row);
      }
    }
  }
}
