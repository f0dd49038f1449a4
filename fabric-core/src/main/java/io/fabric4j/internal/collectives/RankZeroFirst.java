package io.fabric4j.internal.collectives;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * Runs code on the first rank before the others. In Lightning a failure of the first rank leaves
 * the others waiting; here it reaches all ranks.
 */
public final class RankZeroFirst {
  private RankZeroFirst() {}

  /**
   * Runs the body on the ranks that go first, and when they have succeeded on the others. Every
   * rank must call this; no rank returns before all have finished.
   *
   * @param first whether this rank goes first: rank 0, or local rank 0 of each host
   * @param deadline how long a rank waits for the others
   * @param body what to run; must not call collectives of the group
   * @return what the body returned on this rank
   * @throws FabricException on the other ranks, if the body fails on one; the failing rank gets its
   *     own exception or error. If the first ranks fail, the others do not run the body
   */
  public static <R> R run(ProcessGroup group, boolean first, Duration deadline, Callable<R> body)
      throws Exception {
    List<Integer> all = IntStream.range(0, group.size()).boxed().toList();
    try (ProcessGroup patient = group.subgroup(all, deadline).orElseThrow()) {
      Attempt<R> attempt = first ? Attempt.of(body) : Attempt.none();
      requireSuccess(patient, attempt);
      if (!first) {
        attempt = Attempt.of(body);
      }
      requireSuccess(patient, attempt);
      return attempt.value();
    }
  }

  private static void requireSuccess(ProcessGroup group, Attempt<?> mine) throws Exception {
    List<String> failures =
        group.allGatherObject(mine.failure() == null ? "" : mine.failure().toString());
    if (mine.failure() instanceof Error error) {
      throw error;
    }
    if (mine.failure() instanceof Exception exception) {
      throw exception;
    }
    for (int rank = 0; rank < failures.size(); rank++) {
      if (!failures.get(rank).isEmpty()) {
        throw new FabricException(
            "rankZeroFirst failed on rank "
                + rank
                + ": "
                + failures.get(rank)
                + ". Look at the log of rank "
                + rank
                + " first.");
      }
    }
  }

  private record Attempt<R>(R value, Throwable failure) {
    static <R> Attempt<R> none() {
      return new Attempt<>(null, null);
    }

    static <R> Attempt<R> of(Callable<R> body) {
      try {
        return new Attempt<>(body.call(), null);
      } catch (Exception | Error e) {
        return new Attempt<>(null, e);
      }
    }
  }
}
