package io.fabric4j.internal.optim;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import io.fabric4j.FabricException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The state of a DJL optimizer, which DJL keeps in private fields. */
final class DjlState {
  private static final String ARRAYS =
      "java.util.Map<java.lang.String, java.util.Map<ai.djl.Device, ai.djl.ndarray.NDArray>>";

  private final Optimizer optimizer;
  private final Map<String, Map<String, Map<Device, NDArray>>> arrays = new LinkedHashMap<>();
  private final Map<String, Integer> counts;
  private final Field lastCount;

  /**
   * Finds the state.
   *
   * @throws IllegalArgumentException if the optimizer has a field that is neither a setting nor a
   *     state of DJL's kind
   * @throws FabricException if DJL's base class has other fields than expected
   */
  @SuppressWarnings("unchecked")
  DjlState(Optimizer optimizer) {
    this.optimizer = optimizer;
    counts = (Map<String, Integer>) value(field(Optimizer.class, "updateCounts"));
    lastCount = field(Optimizer.class, "numUpdate");
    for (Class<?> type = optimizer.getClass();
        type != Optimizer.class;
        type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        add(field);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private void add(Field field) {
    if (field.getGenericType().getTypeName().equals(ARRAYS)) {
      arrays.put(field.getName(), (Map<String, Map<Device, NDArray>>) value(accessible(field)));
    } else if (!isSetting(field)) {
      throw new IllegalArgumentException(
          "Field "
              + field.getName()
              + " of "
              + optimizer.getClass().getName()
              + " has the type "
              + field.getGenericType().getTypeName()
              + ", which checkpoints would miss. Keep state in fields of type Map<String,"
              + " Map<Device, NDArray>>, as DJL's own optimizers do.");
    }
  }

  private static boolean isSetting(Field field) {
    Class<?> type = field.getType();
    return Modifier.isStatic(field.getModifiers())
        || field.isSynthetic()
        || type.isPrimitive()
        || type.isEnum()
        || type == String.class
        || ParameterTracker.class.isAssignableFrom(type)
        || Tracker.class.isAssignableFrom(type);
  }

  static Field field(Class<?> type, String name) {
    try {
      return accessible(type.getDeclaredField(name));
    } catch (NoSuchFieldException e) {
      throw new FabricException(
          "This version of DJL has no field "
              + name
              + " in "
              + type.getName()
              + ", so the state of its optimizers cannot be saved. Use the DJL version that Fabric"
              + " was built with, or an optimizer of io.fabric4j.optim.",
          e);
    }
  }

  private static Field accessible(Field field) {
    try {
      field.setAccessible(true);
      return field;
    } catch (InaccessibleObjectException e) {
      throw inaccessible(field, e);
    }
  }

  private Object value(Field field) {
    try {
      return field.get(optimizer);
    } catch (IllegalAccessException e) {
      throw inaccessible(field, e);
    }
  }

  private static FabricException inaccessible(Field field, Exception cause) {
    return new FabricException(
        "Cannot access "
            + field
            + ", which is state of an optimizer. If its module is not open, start Java with"
            + " --add-opens for its package.",
        cause);
  }

  Optimizer optimizer() {
    return optimizer;
  }

  /** Returns the names of the states. */
  Set<String> names() {
    return arrays.keySet();
  }

  /** Returns a parameter's array of a state, null before its first update. */
  NDArray get(String name, String parameter, Device device) {
    Map<Device, NDArray> devices = arrays.get(name).get(parameter);
    return devices == null ? null : devices.get(device);
  }

  /** Sets a parameter's array of a state; null makes the optimizer start over. */
  void set(String name, String parameter, NDArray array) {
    Map<Device, NDArray> old =
        array == null
            ? arrays.get(name).remove(parameter)
            : arrays
                .get(name)
                .put(parameter, new ConcurrentHashMap<>(Map.of(array.getDevice(), array)));
    if (old != null) {
      old.values().forEach(NDArray::close);
    }
  }

  /** Returns how often a parameter has been updated. */
  int count(String parameter) {
    return counts.getOrDefault(parameter, 0);
  }

  /** Sets how often a parameter has been updated; with 0 DJL begins at its own begin number. */
  void setCount(String parameter, int count) {
    if (count == 0) {
      counts.remove(parameter);
    } else {
      counts.put(parameter, count);
    }
  }

  /** Returns the largest number of updates, which DJL's rules use for all parameters. */
  int lastCount() {
    return (int) value(lastCount);
  }

  void setLastCount(int count) {
    try {
      lastCount.setInt(optimizer, count);
    } catch (IllegalAccessException e) {
      throw inaccessible(lastCount, e);
    }
  }
}
