package io.fabric4j.internal.callbacks;

import io.fabric4j.callbacks.Callback;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;

/**
 * Calls a hook, a method found by its name, on all callbacks that have it, in the order of their
 * registration. Each gets all positional arguments and those keywords that its parameters name; a
 * last parameter {@code Map kwargs} gets all keywords. Without parameter names ({@code javac
 * -parameters}) all keywords follow in the map's order. Returned values are dropped; exceptions of
 * a callback reach the caller as they are. Fields are never hooks in Java, so none is looked at.
 */
public final class CallbackDispatcher {
  private final List<Object> callbacks;

  /** Copies the list, which stays as it is. */
  public CallbackDispatcher(List<?> callbacks) {
    this.callbacks = List.copyOf(callbacks);
  }

  /** Returns a dispatcher for the callbacks, followed by those of the service loader. */
  public static CallbackDispatcher withServices(List<?> callbacks) {
    List<Object> all = new ArrayList<>(callbacks);
    ServiceLoader.load(Callback.class).forEach(all::add);
    return new CallbackDispatcher(all);
  }

  /**
   * Calls a hook with positional arguments.
   *
   * @throws IllegalArgumentException if a callback has the hook, but not for these arguments
   */
  public void call(String hook, Object... positionals) {
    callWithKeywords(hook, Map.of(), positionals);
  }

  /**
   * Calls a hook with keywords, after positional arguments.
   *
   * @throws IllegalArgumentException if a callback has the hook, but not for these arguments
   */
  public void callWithKeywords(String hook, Map<String, ?> keywords, Object... positionals) {
    List<?> arguments =
        positionals == null ? Collections.singletonList(null) : Arrays.asList(positionals);
    callbacks.forEach(callback -> call(callback, hook, arguments, keywords));
  }

  private static void call(
      Object callback, String hook, List<?> positionals, Map<String, ?> keywords) {
    List<Method> methods = methods(callback.getClass(), hook);
    if (!methods.isEmpty()) {
      methods.stream()
          .map(method -> HookMethod.bind(method, positionals, keywords))
          .filter(Objects::nonNull)
          .reduce(HookMethod::better)
          .orElseThrow(() -> noMethod(callback, hook, positionals, keywords))
          .invoke(callback);
    }
  }

  /** Returns the instance methods of the name, without overridden ones. */
  private static List<Method> methods(Class<?> type, String name) {
    Map<List<Class<?>>, Method> methods = new LinkedHashMap<>();
    for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
      collect(each.getDeclaredMethods(), name, methods);
    }
    collect(type.getMethods(), name, methods);
    return List.copyOf(methods.values());
  }

  private static void collect(
      Method[] candidates, String name, Map<List<Class<?>>, Method> methods) {
    for (Method method : candidates) {
      if (method.getName().equals(name)
          && method.getDeclaringClass() != Object.class
          && !method.isBridge()
          && !Modifier.isStatic(method.getModifiers())) {
        methods.putIfAbsent(List.of(method.getParameterTypes()), method);
      }
    }
  }

  private static IllegalArgumentException noMethod(
      Object callback, String hook, List<?> positionals, Map<String, ?> keywords) {
    return new IllegalArgumentException(
        "Cannot call "
            + callback.getClass().getName()
            + "."
            + hook
            + ": none of its overloads takes the positional arguments "
            + positionals.stream().map(CallbackDispatcher::typeName).toList()
            + " and, beyond these, only parameters named in the keywords "
            + keywords.keySet()
            + ". Change the method's parameters, compile it with -parameters, or pass what it"
            + " lacks.");
  }

  private static String typeName(Object value) {
    return value == null ? "null" : value.getClass().getSimpleName();
  }
}
