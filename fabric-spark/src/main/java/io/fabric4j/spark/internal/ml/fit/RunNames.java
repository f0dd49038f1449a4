package io.fabric4j.spark.internal.ml.fit;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.spark.SparkContext;

/**
 * The names of the runs of an application. Tuning fits copies of one stage, with one {@code runId},
 * many times, and each of these fits is a run of its own: {@code id}, {@code id-2}, {@code id-3}
 * and so on. A fit that failed leaves its name to the next one, which goes on with its run.
 */
final class RunNames {
  /** Fits of one application meet here: nothing else knows them all. */
  private static final Map<SparkContext, RunNames> OF_CONTEXTS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final Map<String, Set<Integer>> taken = new HashMap<>();

  static RunNames of(SparkContext context) {
    return OF_CONTEXTS.computeIfAbsent(context, unused -> new RunNames());
  }

  /** Takes the first name of an id that no other fit uses or has used up. */
  synchronized Name take(String id) {
    Set<Integer> numbers = taken.computeIfAbsent(id, unused -> new HashSet<>());
    int number = 1;
    while (!numbers.add(number)) {
      number++;
    }
    return new Name(id, number);
  }

  private synchronized void free(String id, int number) {
    taken.get(id).remove(number);
  }

  /** A name that is in use until it is closed, or for good. */
  final class Name implements AutoCloseable {
    private final String id;
    private final int number;
    private boolean done;

    private Name(String id, int number) {
      this.id = id;
      this.number = number;
    }

    String text() {
      return number == 1 ? id : id + "-" + number;
    }

    void completed() {
      done = true;
    }

    @Override
    public void close() {
      if (!done) {
        free(id, number);
      }
    }
  }
}
