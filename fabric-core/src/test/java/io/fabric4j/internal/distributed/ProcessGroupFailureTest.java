package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class ProcessGroupFailureTest {
  private static final Duration PROMPT = Duration.ofSeconds(5);

  /**
   * Runs 3 ranks, of which the last one behaves differently, and returns how they ended. Then the
   * same threads' successors have to succeed.
   */
  private static List<Outcome<Object>> outcomes(
      Layout layout, Ranks.Action others, Ranks.Action last) {
    long start = System.nanoTime();
    List<Outcome<Object>> outcomes =
        Ranks.outcomes(
            layout.options(),
            group -> {
              (group.rank() == 2 ? last : others).run(group);
              return null;
            });
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
    Ranks.runAll(layout.options(), allReduce(DataType.FLOAT32, 1000, ReduceOp.SUM));
    return outcomes;
  }

  private static Ranks.Action allReduce(DataType type, int length, ReduceOp op) {
    return group -> {
      try (NDManager manager = NDManager.newBaseManager()) {
        group.allReduce(manager.zeros(new Shape(length), type), op).waitFor();
      }
    };
  }

  private static void assertAllSee(List<Outcome<Object>> outcomes, String... texts) {
    for (int rank = 0; rank < outcomes.size(); rank++) {
      assertThat(outcomes.get(rank).error()).isInstanceOf(ProcessGroupException.class);
      assertThat(outcomes.get(rank).message())
          .startsWith("[rank " + rank + "/3] ")
          .contains("call #1 failed: ")
          .contains(texts)
          .contains("Every rank must make the same collective calls in the same order.");
    }
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void showsBothTypesWhenTheyDiffer(Layout layout) {
    assertAllSee(
        outcomes(
            layout,
            allReduce(DataType.FLOAT32, 1000, ReduceOp.SUM),
            allReduce(DataType.FLOAT64, 1000, ReduceOp.SUM)),
        "called allReduce(float32, 1000 elements, SUM) as call #1",
        "called allReduce(float64, 1000 elements, SUM) as call #1",
        "rank 2 (127.0.0.1:");
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void showsBothSizesWhenTheyDiffer(Layout layout) {
    assertAllSee(
        outcomes(
            layout,
            allReduce(DataType.FLOAT32, 3 << 20, ReduceOp.SUM),
            allReduce(DataType.FLOAT32, 7, ReduceOp.SUM)),
        "called allReduce(float32, 3145728 elements, SUM) as call #1",
        "called allReduce(float32, 7 elements, SUM) as call #1");
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void showsBothReductionsWhenTheyDiffer(Layout layout) {
    assertAllSee(
        outcomes(
            layout,
            allReduce(DataType.INT32, 5, ReduceOp.SUM),
            allReduce(DataType.INT32, 5, ReduceOp.MAX)),
        "allReduce(int32, 5 elements, SUM)",
        "allReduce(int32, 5 elements, MAX)");
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void showsBothMethodsWhenTheyDiffer(Layout layout) {
    assertAllSee(
        outcomes(layout, ProcessGroup::barrier, group -> group.broadcastObject("x", 1)),
        "called barrier() as call #1",
        "called broadcastObject(root 1) as call #1");
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void endsAtOnceWhenARankMakesOneCallTooFewAndLeaves(Layout layout) {
    List<Outcome<Object>> outcomes =
        outcomes(
            layout,
            group -> {
              group.barrier();
              group.barrier();
            },
            ProcessGroup::barrier);
    assertThat(outcomes.get(2).error()).isNull();
    for (Outcome<Object> outcome : outcomes.subList(0, 2)) {
      assertThat(outcome.message())
          .contains("barrier call #2 failed: rank 2 (127.0.0.1:")
          .contains("left the group before barrier() as call #2.");
    }
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void namesTheRankThatDoesNotJoinInTime(Layout layout) {
    // Heartbeats, every quarter of the peer timeout, tell who has joined before the time is up.
    Duration peer = Duration.ofSeconds(3);
    Duration call = Duration.ofMillis(1500);
    List<Outcome<Object>> outcomes =
        outcomes(
            layout.with(o -> o.withTimeouts(Duration.ofSeconds(10), call, peer)),
            ProcessGroup::barrier,
            group -> Thread.sleep(2500));
    for (Outcome<Object> outcome : outcomes.subList(0, 2)) {
      assertThat(outcome.message())
          .contains("barrier call #1 failed: rank 2 (127.0.0.1:")
          .contains("did not join barrier() as call #1 within 1500 ms.")
          .contains("Look at the log of rank 2 first.");
    }
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void tellsAllRanksWhyOneAborted(Layout layout) {
    List<Outcome<Object>> outcomes =
        outcomes(
            layout,
            group -> {
              group.barrier();
              allReduce(DataType.FLOAT32, 3 << 20, ReduceOp.SUM).run(group);
            },
            group -> {
              group.barrier();
              group.abort(new IllegalStateException("no more rows"));
              group.barrier();
            });
    for (Outcome<Object> outcome : outcomes) {
      assertThat(outcome.message())
          .containsPattern("call #[12] failed: rank 2 \\(127.0.0.1:")
          .contains("reported java.lang.IllegalStateException: no more rows.")
          .contains("Look at the log of rank 2 first.");
    }
    assertThat(outcomes.get(2).error()).hasCauseInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void endsEverywhereWhenARankIsInterrupted(Layout layout) {
    List<Outcome<Object>> outcomes =
        outcomes(
            layout,
            ProcessGroup::barrier,
            group -> {
              Thread.currentThread().interrupt();
              group.barrier();
            });
    for (Outcome<Object> outcome : outcomes) {
      assertThat(outcome.message()).contains("rank 2 (127.0.0.1:").contains("was interrupted.");
    }
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void staysFailed(Layout layout) {
    List<Outcome<Object>> outcomes =
        outcomes(
            layout,
            group -> {
              try {
                group.barrier();
                group.barrier();
              } catch (ProcessGroupException e) {
                group.allGatherObject("again");
              }
            },
            group -> {
              group.barrier();
              group.abort(new IllegalStateException("once"));
            });
    assertThat(outcomes.get(0).message()).contains("java.lang.IllegalStateException: once");
    assertThat(outcomes.get(1).message()).contains("allGatherObject call #");
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void ranksMayLeaveAtDifferentTimes(Layout layout) {
    Ranks.runAll(
        layout.options(),
        group -> {
          group.barrier();
          TimeUnit.MILLISECONDS.sleep(300L * group.rank());
        });
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void saysThatItIsClosed(Transport transport) {
    for (Outcome<?> outcome :
        Ranks.outcomes(
            transport == Transport.AUTO ? 1 : 2,
            Ranks.OPTIONS.withTransport(transport),
            group -> {
              group.close();
              return group.barrier();
            })) {
      assertThat(outcome.error())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageEndingWith("The process group has been closed.");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void rejectsArgumentsThatNoRankMayPass(Transport transport) {
    Ranks.runAll(
        transport == Transport.AUTO ? 1 : 2,
        Ranks.OPTIONS.withTransport(transport),
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray matrix = manager.zeros(new Shape(2, 3));
            assertRejected(
                () -> group.allReduce(matrix.transpose(), ReduceOp.SUM), "not contiguous");
            assertRejected(
                () -> group.broadcast(matrix, 5),
                "root 5 lies outside a group of " + group.size() + " ranks");
            assertRejected(
                () -> group.allReduce(matrix.toType(DataType.BOOLEAN, true), ReduceOp.SUM),
                "SUM is not defined for boolean arrays");
            assertRejected(
                () -> group.allGather(manager.zeros(new Shape(7)), matrix),
                "output needs " + 6 * group.size() + " elements of the same type");
            assertRejected(
                () -> group.reduceScatter(manager.zeros(new Shape(7)), matrix, ReduceOp.SUM),
                "input needs " + 7 * group.size() + " elements of the same type");
          }
          group.barrier();
        });
  }

  private static void assertRejected(Runnable call, String text) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }
}
