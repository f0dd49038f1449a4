package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.GradMode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Copies named arrays into existing ones, all or nothing. */
final class StateCopy {

  private StateCopy() {}

  static void copyInto(Map<String, Object> target, Map<String, Object> source) {
    check(target, source);
    try (GradMode mode = GradMode.disabled()) {
      target.forEach((name, value) -> copy((NDArray) value, (NDArray) source.get(name)));
    }
  }

  /** Checks names, shapes and types; floating types convert into each other as in torch. */
  static void check(Map<String, Object> target, Map<String, Object> source) {
    checkNames(target.keySet(), source.keySet());
    target.forEach((name, value) -> checkFits(name, (NDArray) value, source.get(name)));
  }

  private static void checkNames(Set<String> expected, Set<String> found) {
    if (expected.equals(found)) {
      return;
    }
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(found);
    Set<String> unexpected = new TreeSet<>(found);
    unexpected.removeAll(expected);
    throw new IllegalArgumentException(
        "The checkpoint does not fit: missing "
            + missing
            + ", unexpected "
            + unexpected
            + ". Load it into a block of the structure it was saved from.");
  }

  static void checkFits(String name, NDArray target, Object source) {
    if (!(source instanceof NDArray array)
        || !array.getShape().equals(target.getShape())
        || !converts(Casts.dataType(array), Casts.dataType(target))) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: "
              + name
              + " is "
              + (source instanceof NDArray array ? describe(array) : source)
              + " in the checkpoint and "
              + describe(target)
              + " here.");
    }
  }

  private static boolean converts(DataType from, DataType to) {
    return from == to || (from.isFloating() && to.isFloating());
  }

  private static String describe(NDArray array) {
    return Casts.dataType(array) + array.getShape().toString();
  }

  static void copy(NDArray target, NDArray source) {
    if (target != source) {
      FlatTensor.copy(target, source);
    }
  }
}
