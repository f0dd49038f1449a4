package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Rebuilds lists, maps, records and primitive arrays with other leaves. */
final class ValueTree {
  private ValueTree() {}

  /**
   * Returns the tree with every leaf replaced. The leaves are visited in an order that depends on
   * nothing but their places: maps by the text of their keys.
   *
   * @param leaf gets arrays, numbers, and all objects that are no containers, null included
   */
  static Object map(Object node, UnaryOperator<Object> leaf) {
    if (node instanceof NDList list) {
      NDList mapped = new NDList(list.size());
      list.forEach(array -> mapped.add((NDArray) leaf.apply(array)));
      return mapped;
    }
    if (node instanceof List<?> list) {
      List<Object> mapped = new ArrayList<>(list.size());
      list.forEach(element -> mapped.add(map(element, leaf)));
      return mapped;
    }
    if (node instanceof Map<?, ?> map) {
      return mapValues(map, leaf);
    }
    if (node instanceof Record record) {
      return mapComponents(record, leaf);
    }
    boolean primitives = node != null && node.getClass().isArray();
    return primitives && node.getClass().getComponentType().isPrimitive()
        ? mapElements(node, leaf)
        : leaf.apply(node);
  }

  private static Map<Object, Object> mapValues(Map<?, ?> map, UnaryOperator<Object> leaf) {
    Map<Object, Object> mapped = new LinkedHashMap<>(map);
    mapped.keySet().stream()
        .sorted(Comparator.comparing(String::valueOf))
        .toList()
        .forEach(key -> mapped.put(key, map(map.get(key), leaf)));
    return mapped;
  }

  private static Object mapElements(Object array, UnaryOperator<Object> leaf) {
    int length = Array.getLength(array);
    Object mapped = Array.newInstance(array.getClass().getComponentType(), length);
    for (int i = 0; i < length; i++) {
      Array.set(mapped, i, leaf.apply(Array.get(array, i)));
    }
    return mapped;
  }

  private static Object mapComponents(Record record, UnaryOperator<Object> leaf) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        components[i].getAccessor().setAccessible(true);
        values[i] = map(components[i].getAccessor().invoke(record), leaf);
      }
      Constructor<?> constructor = record.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "Cannot rebuild the record "
              + record.getClass().getName()
              + ": "
              + e
              + ". Its constructor must accept the values that the ranks make.",
          e);
    }
  }
}
