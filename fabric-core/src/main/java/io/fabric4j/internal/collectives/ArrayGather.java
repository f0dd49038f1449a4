package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the arrays of all ranks, of any data type, bfloat16 included. Every rank must call these
 * methods, in the same order.
 */
public final class ArrayGather {
  private ArrayGather() {}

  /**
   * Returns the arrays of all ranks in one, shape {@code (worldSize, ...)}, {@code (worldSize)} for
   * scalars; also in a world of one, where Lightning leaves the dimension out on a single device.
   *
   * @param array shape {@code (...)} and data type equal on all ranks
   * @return a new array of the input's manager, without gradient
   * @throws IllegalArgumentException on every rank, if shapes or data types differ
   */
  public static NDArray allGather(ProcessGroup group, NDArray array) {
    List<ArrayHeader> headers = headers(group, "allGather", array);
    Agreement.requireEqual(
        "allGather",
        headers.stream().map(header -> "shape " + header.shape()).toList(),
        "Use allGatherUneven or allGatherConcat for arrays of different lengths.");
    return gather(group, array.getManager(), array);
  }

  /** Gathers arrays that are known to be alike. */
  static NDArray gather(ProcessGroup group, NDManager manager, NDArray array) {
    ArrayHeader header = ArrayHeader.of(array);
    NDArray output =
        header.withShape(new Shape(group.size()).addAll(array.getShape())).allocate(manager);
    try (NDArray input = dense(array)) {
      group.allGather(output, input).waitFor();
      return output;
    }
  }

  /** Returns a contiguous array without gradient, which shares the array's memory if it can. */
  static NDArray dense(NDArray array) {
    try (FlatTensor elements = FlatTensor.read(array)) {
      return elements.toArray(array.getManager(), array.getShape());
    }
  }

  /**
   * Returns the arrays of all ranks, in rank order, whose first dimension may differ, 0 included.
   *
   * @param array at least one dimension; the others and the data type equal on all ranks
   * @return new arrays of the input's manager, without gradient
   * @throws IllegalArgumentException on every rank, if other dimensions or data types differ, or an
   *     array is a scalar
   */
  public static NDList allGatherUneven(ProcessGroup group, NDArray array) {
    List<ArrayHeader> headers = rowHeaders(group, "allGatherUneven", array);
    NDList parts = new NDList();
    headers.forEach(header -> parts.add(header.allocate(array.getManager())));
    gatherRows(group, array, headers, parts.stream().map(FlatTensor::of).toList());
    return parts;
  }

  /** Like {@link #allGatherUneven}, with the arrays concatenated along the first dimension. */
  public static NDArray allGatherConcat(ProcessGroup group, NDArray array) {
    List<ArrayHeader> headers = rowHeaders(group, "allGatherConcat", array);
    long rows = headers.stream().mapToLong(header -> header.shape().get(0)).sum();
    Shape shape = new Shape(rows).addAll(array.getShape().slice(1));
    NDArray all = headers.get(0).withShape(shape).allocate(array.getManager());
    List<FlatTensor> parts = new ArrayList<>();
    try (FlatTensor elements = FlatTensor.of(all)) {
      long offset = 0;
      for (ArrayHeader header : headers) {
        parts.add(elements.slice(offset, header.shape().size()));
        offset += header.shape().size();
      }
    }
    gatherRows(group, array, headers, parts);
    return all;
  }

  /** Fills and closes the parts. The collective needs inputs of equal length: all are padded. */
  private static void gatherRows(
      ProcessGroup group, NDArray array, List<ArrayHeader> headers, List<FlatTensor> parts) {
    long longest = parts.stream().mapToLong(FlatTensor::length).max().getAsLong();
    ArrayHeader row = headers.get(group.rank()).withShape(new Shape(longest));
    try (NDManager scope = array.getManager().newSubManager();
        FlatTensor mine = FlatTensor.read(array)) {
      NDArray padded = row.allocate(scope);
      try (FlatTensor all = FlatTensor.of(padded);
          FlatTensor start = all.slice(0, mine.length())) {
        start.copyFrom(mine);
      }
      NDArray gathered = gather(group, scope, padded);
      try (FlatTensor rows = FlatTensor.of(gathered)) {
        for (int rank = 0; rank < parts.size(); rank++) {
          copyAndClose(rows.slice(rank * longest, parts.get(rank).length()), parts.get(rank));
        }
      }
    }
  }

  private static void copyAndClose(FlatTensor source, FlatTensor target) {
    try (source;
        target) {
      target.copyFrom(source);
    }
  }

  private static List<ArrayHeader> rowHeaders(ProcessGroup group, String call, NDArray array) {
    List<ArrayHeader> headers = headers(group, call, array);
    for (int rank = 0; rank < headers.size(); rank++) {
      Shape shape = headers.get(rank).shape();
      Shape first = headers.get(0).shape();
      if (shape.isScalar() || !shape.slice(1).equals(first.slice(1))) {
        throw new IllegalArgumentException(
            String.format(
                "%s got shape %s on rank 0 and %s on rank %d. Only the first dimension may differ,"
                    + " and every array needs one.",
                call, first, shape, rank));
      }
    }
    return headers;
  }

  /** Returns the headers of all ranks, whose data types are the same. */
  private static List<ArrayHeader> headers(ProcessGroup group, String call, NDArray array) {
    List<ArrayHeader> headers = Agreement.exchange(group, call, () -> ArrayHeader.of(array));
    Agreement.requireEqual(
        call,
        headers.stream().map(ArrayHeader::type).toList(),
        "Convert the arrays to one data type.");
    return headers;
  }
}
