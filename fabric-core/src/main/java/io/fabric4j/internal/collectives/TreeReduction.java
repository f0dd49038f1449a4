package io.fabric4j.internal.collectives;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reduces all arrays and numbers of a value over the ranks. Arrays are reduced in place, those with
 * one operation at a time; all numbers travel together: as int64 if none is floating-point, else as
 * float64, which holds integers exactly up to 2^53.
 */
public final class TreeReduction {
  private final List<NDArray> arrays = new ArrayList<>();
  private final List<Number> numbers = new ArrayList<>();

  private TreeReduction() {}

  /**
   * Returns the value with reduced numbers, of the types they had, and the arrays reduced in place.
   * Integers are truncated toward zero. A boolean counts as 0 or 1 and comes back as whether the
   * truncated result is not 0: with AVG, MIN and PRODUCT true if all ranks say true, with SUM and
   * MAX if any does; so do the elements of boolean arrays. Lists, maps, records and primitive
   * arrays are rebuilt; other objects are returned as they are. Every rank must call this.
   *
   * @param manager creates temporary arrays only
   * @param data of the same structure on all ranks: equally many numbers, arrays alike
   * @throws IllegalArgumentException on every rank, if structures or operations differ, an array is
   *     not contiguous, or a record does not accept its components
   */
  @SuppressWarnings("unchecked")
  public static <T> T allReduce(ProcessGroup group, NDManager manager, T data, ReduceOp op) {
    TreeReduction reduction = new TreeReduction();
    Agreement.requireEqual(
        "allReduce",
        Agreement.exchange(group, "allReduce", () -> reduction.collect(data, op)),
        "Pass the same structure and operation on every rank.");
    reduction.byOperation(op).forEach((how, arrays) -> group.allReduce(arrays, how).waitFor());
    Iterator<? extends Number> reduced = reduce(group, manager, reduction.numbers, op).iterator();
    return (T)
        ValueTree.mapScalars(data, leaf -> isNumber(leaf) ? like(leaf, reduced.next()) : leaf);
  }

  /** Returns a description for the other ranks. */
  private String collect(Object data, ReduceOp op) {
    requireNonNull(op, "op is null");
    ValueTree.mapScalars(
        data,
        leaf -> {
          if (leaf instanceof NDArray array) {
            FlatTensor.of(array).close();
            arrays.add(array);
          } else if (isNumber(leaf)) {
            numbers.add(toNumber(leaf));
          }
          return leaf;
        });
    long floating = numbers.stream().filter(Double.class::isInstance).count();
    return String.format(
        "%s of %d integers, %d floating-point numbers and the arrays %s",
        op, numbers.size() - floating, floating, arrays.stream().map(ArrayHeader::of).toList());
  }

  private Map<ReduceOp, NDList> byOperation(ReduceOp op) {
    Map<ReduceOp, NDList> lists = new LinkedHashMap<>();
    for (NDArray array : arrays) {
      lists.computeIfAbsent(forArray(array, op), how -> new NDList()).add(array);
    }
    return lists;
  }

  private static ReduceOp forArray(NDArray array, ReduceOp op) {
    if (array.getDataType() != DataType.BOOLEAN) {
      return op;
    }
    return op == ReduceOp.SUM || op == ReduceOp.MAX ? ReduceOp.MAX : ReduceOp.MIN;
  }

  private static List<? extends Number> reduce(
      ProcessGroup group, NDManager manager, List<Number> numbers, ReduceOp op) {
    if (numbers.isEmpty()) {
      return numbers;
    }
    boolean integers = numbers.stream().allMatch(Long.class::isInstance);
    try (NDArray pack =
        integers
            ? manager.create(numbers.stream().mapToLong(Number::longValue).toArray())
            : manager.create(numbers.stream().mapToDouble(Number::doubleValue).toArray())) {
      group.allReduce(pack, op).waitFor();
      return List.of(pack.toArray());
    }
  }

  /** Returns whether a value takes part in collectives: numbers of fixed size, and booleans. */
  static boolean isNumber(Object leaf) {
    return leaf instanceof Boolean
        || leaf instanceof Double
        || leaf instanceof Float
        || leaf instanceof Long
        || leaf instanceof Integer
        || leaf instanceof Short
        || leaf instanceof Byte;
  }

  /** Returns a Long or a Double. */
  private static Number toNumber(Object leaf) {
    if (leaf instanceof Boolean bool) {
      return bool ? 1L : 0L;
    }
    Number number = (Number) leaf;
    if (number instanceof Double || number instanceof Float) {
      return number.doubleValue();
    }
    return number.longValue();
  }

  private static Object like(Object original, Number value) {
    if (original instanceof Boolean) {
      return value.longValue() != 0;
    } else if (original instanceof Double) {
      return value.doubleValue();
    } else if (original instanceof Float) {
      return value.floatValue();
    } else if (original instanceof Long) {
      return value.longValue();
    } else if (original instanceof Integer) {
      return (int) value.longValue();
    } else if (original instanceof Short) {
      return (short) value.longValue();
    }
    return (byte) value.longValue();
  }
}
