package io.fabric4j;

import io.fabric4j.distributed.ProcessGroup;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A process group that passes everything on and notes the collectives by name. */
final class RecordingGroup {
  private static final Set<String> LOCAL = Set.of("rank", "size", "transport", "allocate");

  private final List<String> collectives = new ArrayList<>();
  private final ProcessGroup group;

  RecordingGroup(ProcessGroup original) {
    group =
        (ProcessGroup)
            Proxy.newProxyInstance(
                ProcessGroup.class.getClassLoader(),
                new Class<?>[] {ProcessGroup.class},
                (proxy, method, arguments) -> {
                  if (!LOCAL.contains(method.getName())) {
                    collectives.add(method.getName());
                  }
                  try {
                    return method.invoke(original, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  ProcessGroup group() {
    return group;
  }

  /** Returns the collectives since the last call. */
  List<String> take() {
    List<String> result = List.copyOf(collectives);
    collectives.clear();
    return result;
  }
}
