package io.fabric4j.internal;

import java.util.HashMap;
import java.util.Map;

/** System properties that are put back on close. */
public final class TemporaryProperties implements AutoCloseable {
  private final Map<String, String> before = new HashMap<>();

  public void set(String key, String value) {
    before.put(key, System.setProperty(key, value));
  }

  @Override
  public void close() {
    before.forEach(
        (key, value) -> {
          if (value == null) {
            System.clearProperty(key);
          } else {
            System.setProperty(key, value);
          }
        });
  }
}
