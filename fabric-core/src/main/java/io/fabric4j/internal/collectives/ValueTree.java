package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Rebuilds lists, maps and records with other leaves. */
final class ValueTree {
  private ValueTree() {}

  /**
   * Returns the tree with every leaf replaced. The leaves are visited in an order that depends on
   * nothing but their places: maps by the text of their keys.
   *
   * @param leaf gets arrays, primitive arrays, numbers, and all objects that are no containers,
   *     null included
   * @throws IllegalArgumentException if a record does not accept its new components
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
    return leaf.apply(node);
  }

  /** Like {@link #map}, with the elements of primitive arrays as leaves. */
  static Object mapScalars(Object node, UnaryOperator<Object> leaf) {
    return map(
        node, value -> isPrimitiveArray(value) ? mapElements(value, leaf) : leaf.apply(value));
  }

  static boolean isPrimitiveArray(Object node) {
    return node != null
        && node.getClass().isArray()
        && node.getClass().getComponentType().isPrimitive();
  }

  private static Map<Object, Object> mapValues(Map<?, ?> map, UnaryOperator<Object> leaf) {
    Map<Object, Object> mapped = new LinkedHashMap<>(map);
    mapped.keySet().stream()
        .sorted(Comparator.comparing(String::valueOf))
        .toList()
        .forEach(key -> mapped.put(key, map(map.get(key), leaf)));
    return mapped;
  }

  private static Object mapElements(Object array, UnaryOperator<Object> element) {
    int length = Array.getLength(array);
    Object mapped = Array.newInstance(array.getClass().getComponentType(), length);
    for (int i = 0; i < length; i++) {
      Array.set(mapped, i, element.apply(Array.get(array, i)));
    }
    return mapped;
  }

  private static Object mapComponents(Record record, UnaryOperator<Object> leaf) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] = map(component(record, components[i]), leaf);
    }
    return rebuild(record, components, values);
  }

  private static Object component(Record record, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      throw new IllegalArgumentException(
          "Cannot read "
              + component.getName()
              + " of the record "
              + record.getClass().getName()
              + ": "
              + e
              + ". Open its package to the module of Fabric.",
          e);
    }
  }

  private static Object rebuild(Record record, RecordComponent[] components, Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = record.getClass().getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot rebuild the record "
              + record.getClass().getName()
              + " with components of "
              + Arrays.stream(values).map(ValueTree::typeName).toList()
              + ": "
              + (e.getCause() == null ? e : e.getCause())
              + ". Declare lists as List, maps as Map, and let its constructor accept the values"
              + " that the ranks make.",
          e);
    }
  }

  private static String typeName(Object value) {
    return value == null ? "null" : value.getClass().getSimpleName();
  }
}
