package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gathers the arrays of all ranks. Every rank must call these methods, in the same order. */
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
    List<Shape> shapes = shapes(group, array);
    for (int rank = 1; rank < shapes.size(); rank++) {
      if (!shapes.get(rank).equals(shapes.get(0))) {
        throw new IllegalArgumentException(
            String.format(
                "allGather got shape %s on rank 0 and %s on rank %d. Use allGatherUneven or"
                    + " allGatherConcat for arrays of different lengths.",
                shapes.get(0), shapes.get(rank), rank));
      }
    }
    return gather(group, array);
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
    List<Shape> shapes = shapes(group, array);
    for (int rank = 0; rank < shapes.size(); rank++) {
      Shape shape = shapes.get(rank);
      if (shape.isScalar() || !shape.slice(1).equals(shapes.get(0).slice(1))) {
        throw new IllegalArgumentException(
            String.format(
                "allGatherUneven got shape %s on rank 0 and %s on rank %d. Only the first dimension"
                    + " may differ, and every array needs one.",
                shapes.get(0), shape, rank));
      }
    }
    long rows = shapes.stream().mapToLong(shape -> shape.get(0)).max().getAsLong();
    NDList all = new NDList();
    try (NDManager scope = array.getManager().newSubManager();
        NDArray padded = pad(scope, array, rows);
        NDArray gathered = gather(group, padded)) {
      for (int rank = 0; rank < shapes.size(); rank++) {
        NDArray part = Casts.zeros(scope, shapes.get(rank), Casts.dataType(array));
        FlatTensor.copy(part, window(gathered, rank * padded.size(), part.getShape()));
        part.attach(array.getManager());
        all.add(part);
      }
    }
    return all;
  }

  /** Like {@link #allGatherUneven}, with the arrays concatenated along the first dimension. */
  public static NDArray allGatherConcat(ProcessGroup group, NDArray array) {
    try (NDList all = allGatherUneven(group, array)) {
      return NDArrays.concat(all);
    }
  }

  private static NDArray pad(NDManager scope, NDArray array, long rows) {
    long[] dimensions = array.getShape().getShape().clone();
    dimensions[0] = rows;
    NDArray padded = Casts.zeros(scope, new Shape(dimensions), Casts.dataType(array));
    FlatTensor.copy(window(padded, 0, array.getShape()), array);
    return padded;
  }

  /** Returns an array of the same manager that shares memory. */
  private static NDArray window(NDArray array, long begin, Shape shape) {
    try (FlatTensor all = FlatTensor.of(array);
        FlatTensor part = all.slice(begin, shape.size())) {
      return part.toArray(array.getManager(), shape);
    }
  }

  private static NDArray gather(ProcessGroup group, NDArray array) {
    Shape shape = new Shape(group.size()).addAll(array.getShape());
    NDArray output = Casts.zeros(array.getManager(), shape, Casts.dataType(array));
    group.allGather(output, array).waitFor();
    return output;
  }

  /** Returns the shapes of all ranks, whose data types are the same. */
  private static List<Shape> shapes(ProcessGroup group, NDArray array) {
    List<Header> headers = group.allGatherObject(Header.of(array));
    List<Shape> shapes = new ArrayList<>();
    for (int rank = 0; rank < headers.size(); rank++) {
      if (headers.get(rank).type() != headers.get(0).type()) {
        throw new IllegalArgumentException(
            String.format(
                "A gather got %s on rank 0 and %s on rank %d. Convert the arrays to one data type.",
                headers.get(0).type(), headers.get(rank).type(), rank));
      }
      shapes.add(new Shape(headers.get(rank).dimensions()));
    }
    return shapes;
  }

  private record Header(DataType type, ArrayList<Long> sizes) implements Serializable {
    static Header of(NDArray array) {
      return new Header(
          Casts.dataType(array),
          new ArrayList<>(Arrays.stream(array.getShape().getShape()).boxed().toList()));
    }

    long[] dimensions() {
      return sizes.stream().mapToLong(Long::longValue).toArray();
    }
  }
}
