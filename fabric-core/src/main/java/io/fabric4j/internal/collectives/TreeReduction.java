package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Reduces all arrays and numbers of a value over the ranks. Arrays are reduced in place, one
 * collective each; all numbers travel together: as int64 if none is floating-point, else as
 * float64, which holds integers exactly up to 2^53.
 */
public final class TreeReduction {
  private TreeReduction() {}

  /**
   * Returns the value with reduced numbers, of the types they had, and the arrays reduced in place.
   * Integers are truncated toward zero. A boolean counts as 0 or 1 and comes back as whether the
   * truncated result is not 0: with AVG, MIN and PRODUCT true if all ranks say true, with SUM and
   * MAX if any does. Lists, maps, records and primitive arrays are rebuilt; other objects are
   * returned as they are. Every rank must call this with the same structure.
   *
   * @param manager creates temporary arrays only
   */
  @SuppressWarnings("unchecked")
  public static <T> T allReduce(ProcessGroup group, NDManager manager, T data, ReduceOp op) {
    List<Number> numbers = new ArrayList<>();
    ValueTree.map(
        data,
        leaf -> {
          if (leaf instanceof NDArray array) {
            group.allReduce(array, op).waitFor();
          } else if (isNumber(leaf)) {
            numbers.add(toNumber(leaf));
          }
          return leaf;
        });
    Iterator<? extends Number> reduced = reduce(group, manager, numbers, op).iterator();
    return (T) ValueTree.map(data, leaf -> isNumber(leaf) ? like(leaf, reduced.next()) : leaf);
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

  private static boolean isNumber(Object leaf) {
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
