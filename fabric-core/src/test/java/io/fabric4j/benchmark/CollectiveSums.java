package io.fabric4j.benchmark;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.Casts;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Compares a group's collectives on its ranks' devices with sums made in Java. */
public final class CollectiveSums {
  public static final List<DataType> TYPES =
      List.of(
          DataType.FLOAT32,
          DataType.FLOAT64,
          DataType.FLOAT16,
          DataType.BFLOAT16,
          DataType.INT8,
          DataType.UINT8,
          DataType.INT32,
          DataType.INT64);

  private static final int LENGTH = 1003;

  private final ProcessGroup group;
  private final NDManager manager;
  private final DataType type;

  /**
   * Prepares checks for up to 8 ranks, whose results every type holds exactly.
   *
   * @param manager creates arrays on the rank's device
   */
  public CollectiveSums(ProcessGroup group, NDManager manager, DataType type) {
    this.group = group;
    this.manager = manager;
    this.type = type;
  }

  /** Makes every collective. All ranks must call it. */
  public void check() {
    for (ReduceOp op : ReduceOp.values()) {
      NDArray array = array(values(group.rank()));
      group.allReduce(array, op).waitFor();
      compare("allReduce " + op, array, reduced(op));
      NDArray row = array(new double[LENGTH]);
      NDArray rows = array(repeated(values(group.rank())));
      group.reduceScatter(row, rows, op).waitFor();
      compare("reduceScatter " + op, row, reduced(op));
    }
    NDArray gathered = array(new double[group.size() * LENGTH]);
    group.allGather(gathered, array(values(group.rank()))).waitFor();
    compare("allGather", gathered, fill(gathered.size(), i -> values(i / LENGTH)[i % LENGTH]));
    int root = group.size() - 1;
    NDArray sent = array(values(group.rank()));
    group.broadcast(sent, root).waitFor();
    compare("broadcast", sent, values(root));
  }

  /** One and two in turns, beginning with another one on the next rank. */
  private static double[] values(int rank) {
    return fill(LENGTH, i -> 1 + (i + rank) % 2);
  }

  private double[] repeated(double[] row) {
    return fill((long) group.size() * LENGTH, i -> row[i % LENGTH]);
  }

  private static double[] fill(long length, IntToDoubleFunction value) {
    return IntStream.range(0, (int) length).mapToDouble(value::applyAsDouble).toArray();
  }

  private double[] reduced(ReduceOp op) {
    DoubleBinaryOperator combine =
        switch (op) {
          case SUM, AVG -> Double::sum;
          case PRODUCT -> (a, b) -> a * b;
          case MIN -> Math::min;
          case MAX -> Math::max;
        };
    double[] result = values(0);
    for (int rank = 1; rank < group.size(); rank++) {
      double[] other = values(rank);
      Arrays.setAll(result, i -> combine.applyAsDouble(result[i], other[i]));
    }
    if (op == ReduceOp.AVG) {
      Arrays.setAll(result, i -> average(result[i]));
    }
    return result;
  }

  private double average(double sum) {
    double mean = sum / group.size();
    return type.isInteger() ? Math.floor(mean) : mean;
  }

  private NDArray array(double[] values) {
    try (NDArray doubles = manager.create(values)) {
      return Casts.toType(doubles, type).duplicate();
    }
  }

  private void compare(String what, NDArray array, double[] expected) {
    double[] actual = doubles(array);
    int at = Arrays.mismatch(actual, expected);
    if (at >= 0) {
      throw new AssertionError(
          "[rank %d/%d] %s of %s, element %d: %s instead of %s"
              .formatted(group.rank(), group.size(), what, type, at, actual[at], expected[at]));
    }
  }

  private static double[] doubles(NDArray array) {
    try (NDArray doubles = Casts.toType(array, DataType.FLOAT64);
        NDArray onHost = doubles.toDevice(Device.cpu(), true)) {
      return onHost.toDoubleArray();
    }
  }
}
