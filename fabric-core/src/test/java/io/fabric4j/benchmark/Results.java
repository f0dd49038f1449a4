package io.fabric4j.benchmark;

import com.google.gson.Gson;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What benchmarks print. */
final class Results {
  private Results() {}

  /** Returns a JSON object of names and values in turn; numbers have two decimals. */
  static String line(Object... namesAndValues) {
    Map<String, Object> line = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      line.put(
          (String) namesAndValues[i],
          value instanceof Double number ? Math.round(number * 100) / 100.0 : value);
    }
    return new Gson().toJson(line);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
