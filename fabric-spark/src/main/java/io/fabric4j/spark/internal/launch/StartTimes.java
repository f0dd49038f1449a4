package io.fabric4j.spark.internal.launch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** How long each part of a rank's start took, for its log. */
final class StartTimes {
  private final Map<String, Long> millis = new LinkedHashMap<>();
  private long begin = System.nanoTime();

  /** Ends a part, and begins the next. */
  void end(String part) {
    long now = System.nanoTime();
    millis.put(part, TimeUnit.NANOSECONDS.toMillis(now - begin));
    begin = now;
  }

  @Override
  public String toString() {
    return millis.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue() + " ms")
        .collect(Collectors.joining(", "));
  }
}
