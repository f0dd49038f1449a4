package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** Gathers all arrays and numbers of a value over the ranks. */
public final class TreeGather {
  private final NDManager manager;
  private final List<NDArray> arrays = new ArrayList<>();
  private final ArrayList<Serializable> scalars = new ArrayList<>();

  private TreeGather(NDManager manager) {
    this.manager = manager;
  }

  /**
   * Returns the value with every array, number and boolean replaced by a new array of shape {@code
   * (worldSize, ...)}, {@code (worldSize)} for numbers: Double as float64, Float as float32, Long
   * as int64, Integer and Short as int32, Byte as int8, Boolean as boolean. Primitive arrays count
   * as arrays. Lists, NDLists and maps are rebuilt; records too, if their components accept arrays;
   * other objects are returned as they are. Every rank must call this.
   *
   * @param manager owner of the new arrays
   * @param data of the same structure on all ranks, arrays of equal shapes and data types
   * @throws IllegalArgumentException on every rank, if structures, shapes or data types differ, or
   *     a record does not accept its components
   */
  public static Object allGather(ProcessGroup group, NDManager manager, Object data) {
    try (NDManager scope = manager.newSubManager()) {
      TreeGather gather = new TreeGather(scope);
      List<Leaves> all = Agreement.exchange(group, "allGather", () -> gather.collect(data));
      Agreement.requireEqual(
          "allGather",
          all.stream().map(Leaves::description).toList(),
          "Pass the same structure on every rank.");
      List<NDArray> gathered = new ArrayList<>();
      gather.arrays.forEach(array -> gathered.add(ArrayGather.gather(group, manager, array)));
      Iterator<NDArray> rest = gathered.iterator();
      int[] index = {0};
      return ValueTree.map(
          data,
          leaf -> {
            if (isArray(leaf)) {
              return rest.next();
            }
            return TreeReduction.isNumber(leaf) ? column(manager, all, index[0]++) : leaf;
          });
    }
  }

  /** Collects the leaves, and tries whether they can be replaced. */
  private Leaves collect(Object data) {
    NDArray sample = manager.create(0f);
    ValueTree.map(
        data,
        leaf -> {
          if (isArray(leaf)) {
            arrays.add(leaf instanceof NDArray array ? array : toArray(manager, leaf));
            return sample;
          }
          if (TreeReduction.isNumber(leaf)) {
            scalars.add((Serializable) leaf);
            return sample;
          }
          return leaf;
        });
    return new Leaves(scalars, new ArrayList<>(arrays.stream().map(ArrayHeader::of).toList()));
  }

  private static boolean isArray(Object leaf) {
    return leaf instanceof NDArray
        || (ValueTree.isPrimitiveArray(leaf) && !(leaf instanceof char[]));
  }

  private static NDArray toArray(NDManager manager, Object elements) {
    if (elements instanceof double[] values) {
      return manager.create(values);
    } else if (elements instanceof float[] values) {
      return manager.create(values);
    } else if (elements instanceof long[] values) {
      return manager.create(values);
    } else if (elements instanceof int[] values) {
      return manager.create(values);
    } else if (elements instanceof short[] values) {
      return manager.create(IntStream.range(0, values.length).map(i -> values[i]).toArray());
    } else if (elements instanceof byte[] values) {
      return manager.create(values);
    }
    return manager.create((boolean[]) elements);
  }

  /** Returns the scalars of all ranks at one place. */
  private static NDArray column(NDManager manager, List<Leaves> all, int index) {
    Object first = all.get(0).scalars().get(index);
    Class<?> type = MethodType.methodType(first.getClass()).unwrap().returnType();
    Object column = Array.newInstance(type, all.size());
    for (int rank = 0; rank < all.size(); rank++) {
      Array.set(column, rank, all.get(rank).scalars().get(index));
    }
    return toArray(manager, column);
  }

  private record Leaves(ArrayList<Serializable> scalars, ArrayList<ArrayHeader> arrays)
      implements Serializable {
    String description() {
      return scalars.stream().map(scalar -> scalar.getClass().getSimpleName()).toList()
          + " and the arrays "
          + arrays;
    }
  }
}
