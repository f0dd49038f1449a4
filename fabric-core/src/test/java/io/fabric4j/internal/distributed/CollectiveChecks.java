package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.ArrayList;
import java.util.List;

/** What every rank of any group does to compare its collectives with {@link Reference}. */
public final class CollectiveChecks {
  private static final List<DataType> TYPES =
      List.of(
          DataType.FLOAT32,
          DataType.FLOAT64,
          DataType.FLOAT16,
          DataType.BFLOAT16,
          DataType.INT64,
          DataType.INT32,
          DataType.INT8,
          DataType.UINT8);

  private CollectiveChecks() {}

  public static void allReduce(ProcessGroup group) {
    for (DataType type : TYPES) {
      for (ReduceOp op : ReduceOp.values()) {
        for (int length : List.of(0, 1, 7, 1000)) {
          checkAllReduce(group, type, op, length);
        }
      }
      checkAllReduce(group, type, ReduceOp.AVG, 100_003);
    }
    checkAllReduce(group, DataType.FLOAT32, ReduceOp.SUM, 3 << 20);
  }

  public static void allReduceOfASlice(ProcessGroup group) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray whole = group.allocate(manager, new Shape(40, 1000), DataType.FLOAT32);
      NDArray slice = whole.get("3:30").reshape(27_000);
      fill(slice, Reference.values(DataType.FLOAT32, group.rank(), 27_000));
      group.allReduce(slice, ReduceOp.SUM).waitFor();
      double[] expected = Reference.reduce(DataType.FLOAT32, ReduceOp.SUM, group.size(), 27_000);
      assertValues(whole.get("3:30"), expected, "slice");
      assertThat(whole.get("0:3").sum().getFloat()).isZero();
      assertThat(whole.get("30:").sum().getFloat()).isZero();
    }
  }

  public static void allReduceOfArraysInDifferentPlaces(ProcessGroup group) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray whole = group.allocate(manager, new Shape(10, 1000), DataType.FLOAT32);
      double[] expected = Reference.reduce(DataType.FLOAT32, ReduceOp.SUM, group.size(), 1000);
      NDArray row = whole.get(group.rank()).reshape(1000);
      fill(row, Reference.values(DataType.FLOAT32, group.rank(), 1000));
      group.allReduce(row, ReduceOp.SUM).waitFor();
      assertValues(whole.get(group.rank()), expected, "another row on each rank");

      NDArray mixed = group.rank() == 0 ? row : array(manager, DataType.FLOAT32, 1000);
      fill(mixed, Reference.values(DataType.FLOAT32, group.rank(), 1000));
      group.allReduce(mixed, ReduceOp.SUM).waitFor();
      assertValues(mixed, expected, "shared on one rank only");
    }
  }

  /** Several run at once, and one that is not started counts between them. */
  public static void startedAllReduces(ProcessGroup group) {
    List<Integer> lengths = List.of(100_003, 7, 0, 3 << 20);
    try (NDManager manager = NDManager.newBaseManager()) {
      List<NDArray> arrays = new ArrayList<>();
      List<Work> works = new ArrayList<>();
      for (int length : lengths) {
        NDArray array = group.allocate(manager, new Shape(length), DataType.FLOAT32);
        fill(array, Reference.values(DataType.FLOAT32, group.rank(), length));
        arrays.add(array);
      }
      arrays.forEach(array -> works.add(group.startAllReduce(array, ReduceOp.AVG)));
      checkAllReduce(group, DataType.INT64, ReduceOp.SUM, 1000);
      works.forEach(Work::waitFor);
      for (int i = 0; i < arrays.size(); i++) {
        double[] expected =
            Reference.reduce(DataType.FLOAT32, ReduceOp.AVG, group.size(), lengths.get(i));
        assertValues(arrays.get(i), expected, "started, " + lengths.get(i));
      }
    }
  }

  public static void broadcast(ProcessGroup group) {
    try (NDManager manager = NDManager.newBaseManager()) {
      for (DataType type : TYPES) {
        for (int length : List.of(0, 1, 7, 1000, 100_003)) {
          int root = length % group.size();
          double[] expected = Reference.values(type, root, length);
          NDArray plain = array(manager, type, length);
          NDArray allocated = group.allocate(manager, new Shape(length), type);
          for (NDArray array : List.of(plain, allocated)) {
            fill(array, Reference.values(type, group.rank(), length));
            group.broadcast(array, root).waitFor();
            assertValues(array, expected, type + " " + length);
          }
        }
      }
    }
  }

  public static void allGatherAndReduceScatter(ProcessGroup group) {
    for (DataType type : TYPES) {
      for (int length : List.of(0, 1, 7, 1000, 50_001)) {
        checkAllGather(group, type, length);
        checkReduceScatter(group, type, length);
      }
    }
  }

  public static void allReduceOfBooleans(ProcessGroup group) {
    try (NDManager manager = NDManager.newBaseManager()) {
      boolean last = group.rank() == group.size() - 1;
      NDArray any = manager.create(new boolean[] {last, false, true});
      group.allReduce(any, ReduceOp.MAX).waitFor();
      assertThat(any.toBooleanArray()).containsExactly(true, false, true);
      NDArray all = manager.create(new boolean[] {last, false, true});
      group.allReduce(all, ReduceOp.MIN).waitFor();
      assertThat(all.toBooleanArray()).containsExactly(group.size() == 1, false, true);
    }
  }

  private static void checkAllReduce(ProcessGroup group, DataType type, ReduceOp op, int length) {
    try (NDManager manager = NDManager.newBaseManager()) {
      double[] expected = Reference.reduce(type, op, group.size(), length);
      NDArray plain = array(manager, type, length);
      fill(plain, Reference.values(type, group.rank(), length));
      group.allReduce(plain, op).waitFor();
      assertValues(plain, expected, type + " " + op + " " + length);

      NDArray allocated = group.allocate(manager, new Shape(length), type);
      fill(allocated, Reference.values(type, group.rank(), length));
      group.allReduce(allocated, op).waitFor();
      assertValues(allocated, expected, "allocated " + type + " " + op + " " + length);
    }
  }

  private static void checkAllGather(ProcessGroup group, DataType type, int length) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray output = array(manager, type, group.size() * length);
      double[] expected = new double[group.size() * length];
      for (int rank = 0; rank < group.size(); rank++) {
        double[] values = Reference.values(type, rank, length);
        System.arraycopy(values, 0, expected, rank * length, length);
      }
      NDArray plain = array(manager, type, length);
      NDArray allocated = group.allocate(manager, new Shape(length), type);
      for (NDArray input : List.of(plain, allocated)) {
        fill(input, Reference.values(type, group.rank(), length));
        fill(output, new double[expected.length]);
        group.allGather(output, input).waitFor();
        assertValues(output, expected, type + " " + length);
      }
    }
  }

  private static void checkReduceScatter(ProcessGroup group, DataType type, int length) {
    int total = group.size() * length;
    try (NDManager manager = NDManager.newBaseManager()) {
      double[] all = Reference.reduce(type, ReduceOp.AVG, group.size(), total);
      double[] expected = new double[length];
      System.arraycopy(all, group.rank() * length, expected, 0, length);
      NDArray output = array(manager, type, length);
      NDArray plain = array(manager, type, total);
      NDArray allocated = group.allocate(manager, new Shape(group.size(), length), type);
      for (NDArray input : List.of(plain, allocated)) {
        fill(input, Reference.values(type, group.rank(), total));
        group.reduceScatter(output, input, ReduceOp.AVG).waitFor();
        assertValues(output, expected, type + " " + length);
      }
    }
  }

  private static NDArray array(NDManager manager, DataType type, int length) {
    try (FlatTensor zeros = FlatTensor.zeros(type, length)) {
      return zeros.toArray(manager, new Shape(length));
    }
  }

  private static void fill(NDArray array, double[] values) {
    try (FlatTensor target = FlatTensor.of(array);
        FlatTensor source = doubles(values)) {
      target.copyFrom(source);
    }
  }

  /** Compares bits: the expected values are exact in the array's type. */
  private static void assertValues(NDArray array, double[] expected, String description) {
    try (FlatTensor actual = FlatTensor.of(array);
        FlatTensor wanted = FlatTensor.zeros(actual.dataType(), expected.length);
        FlatTensor source = doubles(expected)) {
      wanted.copyFrom(source);
      int bytes = expected.length * actual.elementSize();
      assertThat(actual.bytes(0, bytes).mismatch(wanted.bytes(0, bytes)))
          .as(description + ": first byte that differs")
          .isEqualTo(-1);
    }
  }

  private static FlatTensor doubles(double[] values) {
    FlatTensor tensor = FlatTensor.zeros(DataType.FLOAT64, values.length);
    tensor.bytes(0, values.length * Double.BYTES).asDoubleBuffer().put(values);
    return tensor;
  }
}
