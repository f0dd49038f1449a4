package io.fabric4j.internal.callbacks;

import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A method of a callback and the arguments it gets in one call. */
record HookMethod(Method method, Object[] arguments) {
  private static final Set<String> ALL_KEYWORDS = Set.of("kwargs", "keywords");
  private static final List<Class<?>> WIDENING =
      List.of(Byte.class, Short.class, Integer.class, Long.class, Float.class, Double.class);

  /** Returns the method with its arguments, or null if it cannot take these. */
  static HookMethod bind(Method method, List<?> positionals, Map<String, ?> keywords) {
    Parameter[] parameters = method.getParameters();
    if (parameters.length < positionals.size()) {
      return null;
    }
    List<Object> arguments = new ArrayList<>(positionals);
    List<Parameter> rest = Arrays.asList(parameters).subList(positionals.size(), parameters.length);
    boolean bound =
        rest.stream().allMatch(Parameter::isNamePresent)
            ? bindByName(rest, keywords, arguments)
            : bindInOrder(rest, keywords, arguments);
    return bound && accepts(parameters, arguments)
        ? new HookMethod(method, arguments.toArray())
        : null;
  }

  private static boolean bindByName(
      List<Parameter> parameters, Map<String, ?> keywords, Collection<Object> arguments) {
    for (Parameter parameter : parameters) {
      if (keywords.containsKey(parameter.getName())) {
        arguments.add(keywords.get(parameter.getName()));
      } else if (parameter.getType() == Map.class
          && parameter.equals(parameters.get(parameters.size() - 1))
          && ALL_KEYWORDS.contains(parameter.getName())) {
        arguments.add(keywords);
      } else {
        return false;
      }
    }
    return true;
  }

  private static boolean bindInOrder(
      List<Parameter> parameters, Map<String, ?> keywords, Collection<Object> arguments) {
    arguments.addAll(keywords.values());
    return parameters.size() == keywords.size();
  }

  private static boolean accepts(Parameter[] parameters, List<Object> arguments) {
    for (int i = 0; i < parameters.length; i++) {
      if (!accepts(parameters[i].getType(), arguments.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean accepts(Class<?> type, Object value) {
    if (!type.isPrimitive()) {
      return value == null || type.isInstance(value);
    }
    Class<?> wrapper = MethodType.methodType(type).wrap().returnType();
    return wrapper.isInstance(value)
        || (value != null
            && WIDENING.contains(value.getClass())
            && WIDENING.indexOf(value.getClass()) < WIDENING.indexOf(wrapper));
  }

  /** Returns the method that takes more arguments, or else has the more specific types. */
  static HookMethod better(HookMethod first, HookMethod second) {
    if (first.arguments.length != second.arguments.length) {
      return first.arguments.length > second.arguments.length ? first : second;
    }
    Class<?>[] firstTypes = first.method.getParameterTypes();
    Class<?>[] secondTypes = second.method.getParameterTypes();
    for (int i = 0; i < firstTypes.length; i++) {
      if (!secondTypes[i].isAssignableFrom(firstTypes[i])) {
        return second;
      }
    }
    return first;
  }

  void invoke(Object callback) {
    try {
      method.setAccessible(true);
      method.invoke(callback, arguments);
    } catch (InvocationTargetException e) {
      throw HookMethod.<RuntimeException>unchecked(e.getCause());
    } catch (IllegalAccessException e) {
      throw new LinkageError("Cannot call " + method, e);
    }
  }

  /** Lets a checked exception of a callback through as it is. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E unchecked(Throwable throwable) throws E {
    throw (E) throwable;
  }
}
