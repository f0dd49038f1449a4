package io.fabric4j.internal.collectives;

import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Lets all ranks see the arguments of a call before it starts. */
final class Agreement {
  private Agreement() {}

  /**
   * Returns what the ranks make of their arguments, in rank order. Collective.
   *
   * @param call the name of the call, for messages
   * @param mine checks this rank's arguments and returns what the others have to know
   * @throws IllegalArgumentException on every rank, if the arguments of one are invalid; the rank
   *     itself gets its own exception
   */
  static <T extends Serializable> List<T> exchange(
      ProcessGroup group, String call, Supplier<T> mine) {
    Answer<T> answer;
    RuntimeException failure = null;
    try {
      answer = new Answer<>(mine.get(), null);
    } catch (RuntimeException e) {
      failure = e;
      answer = new Answer<>(null, e.getMessage() == null ? e.toString() : e.getMessage());
    }
    List<Answer<T>> answers = group.allGatherObject(answer);
    if (failure != null) {
      throw failure;
    }
    List<T> values = new ArrayList<>();
    for (int rank = 0; rank < answers.size(); rank++) {
      String problem = answers.get(rank).problem();
      if (problem != null) {
        throw new IllegalArgumentException(call + " failed on rank " + rank + ": " + problem);
      }
      values.add(answers.get(rank).value());
    }
    return values;
  }

  /**
   * Requires the ranks' descriptions to be equal.
   *
   * @param remedy a sentence
   * @throws IllegalArgumentException if they differ
   */
  static void requireEqual(String call, List<?> descriptions, String remedy) {
    for (int rank = 1; rank < descriptions.size(); rank++) {
      if (!descriptions.get(rank).equals(descriptions.get(0))) {
        throw new IllegalArgumentException(
            String.format(
                "%s got %s on rank 0 and %s on rank %d. %s",
                call, descriptions.get(0), descriptions.get(rank), rank, remedy));
      }
    }
  }

  private record Answer<T extends Serializable>(T value, String problem) implements Serializable {}
}
