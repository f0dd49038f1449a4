package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.Ranks;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NcclFailureTest {
  private static final Duration PROMPT = Duration.ofSeconds(5);
  private static final GroupOptions HASTY =
      Ranks.OPTIONS.withTimeouts(
          Duration.ofSeconds(10), Duration.ofMillis(700), Duration.ofSeconds(10));

  @BeforeEach
  void loadFakes() {
    FakeCuda.load();
  }

  @AfterEach
  void nothingIsLeft() {
    FakeCuda.nccl("fakeHang", -1L);
    FakeCuda.nccl("fakeAsyncError", -1L);
    FakeCuda.nccl("fakeRefuseType", -1L);
    FakeCuda.nccl("fakeSlowInit", 0L);
    FakeCuda.Live live = FakeCuda.Live.now();
    assertThat(live.communicators()).isZero();
    assertThat(live.streams()).isZero();
    assertThat(live.events()).isZero();
  }

  /** Runs 3 ranks, of which the last one behaves differently, and returns how they ended. */
  private static List<Outcome<Object>> outcomes(
      GroupOptions options, NcclRanks.Action others, NcclRanks.Action last) {
    long start = System.nanoTime();
    List<Outcome<Object>> outcomes =
        NcclRanks.outcomes(3, options, group -> (group.rank() == 2 ? last : others).run(group));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
    return outcomes;
  }

  private static List<Outcome<Object>> outcomes(NcclRanks.Action others, NcclRanks.Action last) {
    return outcomes(Ranks.OPTIONS, others, last);
  }

  /** Reduces, then makes a call that has to throw if the reduction failed. */
  private static NcclRanks.Action allReduce(DataType type, int length) {
    return allReduce(type, length, 1);
  }

  private static NcclRanks.Action allReduce(DataType type, int length, int times) {
    return group -> {
      try (NDManager manager = NDManager.newBaseManager()) {
        NDArray array = manager.zeros(new Shape(length), type);
        for (int i = 0; i < times; i++) {
          group.allReduce(array, ReduceOp.SUM).waitFor();
        }
        group.barrier();
      }
    };
  }

  private static void assertAllSee(List<Outcome<Object>> outcomes, String... texts) {
    for (int rank = 0; rank < outcomes.size(); rank++) {
      assertThat(outcomes.get(rank).message()).contains(texts);
      assertThat(outcomes.get(rank).error()).isInstanceOf(ProcessGroupException.class);
      assertThat(outcomes.get(rank).message()).startsWith("[rank " + rank + "/3] ");
    }
  }

  @Test
  void showsBothTypesWhenTheyDiffer() {
    assertAllSee(
        outcomes(allReduce(DataType.FLOAT32, 1000), allReduce(DataType.FLOAT64, 1000)),
        "called allReduce(float32, 1000 elements, SUM) as call #1",
        "called allReduce(float64, 1000 elements, SUM) as call #1",
        "rank 2 (127.0.0.1:",
        "Every rank must make the same collective calls in the same order.");
  }

  @Test
  void showsBothSizesWhenTheyDiffer() {
    assertAllSee(
        outcomes(allReduce(DataType.FLOAT32, 1000), allReduce(DataType.FLOAT32, 7)),
        "called allReduce(float32, 1000 elements, SUM) as call #1",
        "called allReduce(float32, 7 elements, SUM) as call #1");
  }

  @Test
  void showsBothCallsWhenOneIsMissing() {
    assertAllSee(
        outcomes(allReduce(DataType.FLOAT32, 9, 2), allReduce(DataType.FLOAT32, 9, 1)),
        "called allReduce(float32, 9 elements, SUM) as call #2",
        "called barrier() as call #2");
  }

  @Test
  void endsAtOnceWhenARankLeavesTooEarly() {
    List<Outcome<Object>> outcomes = outcomes(allReduce(DataType.FLOAT32, 9), group -> {});
    assertThat(outcomes.get(2).error()).isNull();
    for (Outcome<Object> outcome : outcomes.subList(0, 2)) {
      assertThat(outcome.message())
          .contains("rank 2 (127.0.0.1:")
          .contains("left the group before allReduce(float32, 9 elements, SUM) as call #1.");
    }
  }

  @Test
  void namesTheRankThatDoesNotJoinInTime() {
    List<Outcome<Object>> outcomes =
        outcomes(HASTY, allReduce(DataType.FLOAT32, 9), group -> Thread.sleep(1500));
    for (Outcome<Object> outcome : outcomes.subList(0, 2)) {
      assertThat(outcome.message())
          .contains("rank 2 (127.0.0.1:")
          .contains("did not join allReduce(float32, 9 elements, SUM) as call #1 within 700 ms.");
    }
  }

  @Test
  void abortsWhatDoesNotEndInTime() {
    FakeCuda.nccl("fakeHang", 1L);
    NcclRanks.Action action = allReduce(DataType.FLOAT32, 9);
    assertAllSee(
        outcomes(HASTY, action, action),
        "reported io.fabric4j.FabricException: allReduce(float32, 9 elements, SUM) as call #1 was"
            + " not complete within 700 ms after all ranks had started it: a GPU or the network"
            + " between GPUs hangs. Run with the environment variable NCCL_DEBUG=INFO");
  }

  @Test
  void tellsAllRanksOfAnErrorThatNcclFindsLater() {
    FakeCuda.nccl("fakeAsyncError", 1L);
    NcclRanks.Action action = allReduce(DataType.FLOAT32, 9);
    assertAllSee(
        outcomes(action, action),
        "rank 1 (127.0.0.1:",
        "reported io.fabric4j.FabricException: A collective of NCCL failed: remote process exited"
            + " or there was a network error. Run with the environment variable NCCL_DEBUG=INFO");
  }

  @Test
  void seesErrorsAlsoWhileAPeerIsAwaited() {
    FakeCuda.nccl("fakeAsyncError", 1L);
    List<Outcome<Object>> outcomes =
        outcomes(allReduce(DataType.FLOAT32, 9), group -> Thread.sleep(1000));
    assertThat(outcomes.get(0).message()).contains("remote process exited");
    assertThat(outcomes.get(1).message()).contains("remote process exited");
  }

  @Test
  void endsEverywhereWhenNcclRefusesACall() {
    FakeCuda.nccl("fakeRefuseType", 8L);
    NcclRanks.Action action = allReduce(DataType.FLOAT64, 9);
    assertAllSee(
        outcomes(action, action),
        "allReduce call #1 failed: rank ",
        "reported io.fabric4j.FabricException: A collective of NCCL failed: invalid argument.");
  }

  @Test
  void tellsAllRanksWhyOneAborted() {
    long before = FakeCuda.nccl("fakeAborts");
    List<Outcome<Object>> outcomes =
        outcomes(
            allReduce(DataType.FLOAT32, 9),
            group -> {
              Thread.sleep(100);
              group.abort(new IllegalStateException("no more rows"));
              group.barrier();
            });
    assertAllSee(outcomes, "reported java.lang.IllegalStateException: no more rows.");
    assertThat(FakeCuda.nccl("fakeAborts")).isEqualTo(before + 3);
  }

  @Test
  void aFailureOfTheHostGroupAbortsCollectivesOnTheDevice() {
    List<Outcome<Object>> outcomes =
        outcomes(
            allReduce(DataType.FLOAT32, 9),
            group -> {
              Thread.sleep(100);
              Thread.currentThread().interrupt();
              group.allGatherObject("x");
            });
    assertAllSee(outcomes, "rank 2 (127.0.0.1:", "was interrupted.");
  }

  @Test
  void endsEverywhereWhenARankIsInterrupted() {
    List<Outcome<Object>> outcomes =
        outcomes(
            allReduce(DataType.FLOAT32, 9),
            group -> {
              Thread.currentThread().interrupt();
              allReduce(DataType.FLOAT32, 9).run(group);
            });
    assertAllSee(outcomes, "rank 2 (127.0.0.1:", "was interrupted.");
  }

  @Test
  void objectsAndArraysInCpuMemoryFailAfterwardsToo() {
    List<Outcome<Object>> outcomes =
        outcomes(
            group -> {
              assertThatThrownBy(() -> allReduce(DataType.FLOAT32, 9).run(group))
                  .isInstanceOf(ProcessGroupException.class);
              group.allGatherObject("again");
            },
            group -> {
              group.abort(new IllegalStateException("once"));
              group.broadcastObject("again", 0);
            });
    assertAllSee(outcomes, "java.lang.IllegalStateException: once");
  }

  @Test
  void aCollectiveThatIsPendingAtTheCloseEndsTheOtherRanks() {
    List<Outcome<Object>> outcomes =
        outcomes(
            group -> {
              Thread.sleep(3500);
              group.barrier();
            },
            group -> {
              try (NDManager manager = NDManager.newBaseManager()) {
                group.allReduce(manager.zeros(new Shape(1)), ReduceOp.SUM);
              }
            });
    assertThat(outcomes.get(0).message())
        .contains("The group was closed before its last collective was complete.");
  }

  @Test
  void saysThatNcclDoesNotConnect() {
    FakeCuda.nccl("fakeSlowInit", 1_500_000L);
    for (Outcome<Object> outcome : outcomes(HASTY, group -> {}, group -> {})) {
      assertThat(outcome.message())
          .contains("NCCL did not connect the GPUs of all ranks within 700 ms.")
          .contains("NCCL_SOCKET_IFNAME");
    }
  }

  @Test
  void saysThatItIsClosed() {
    NcclProcessGroup group = NcclRanks.connect(new SingleProcessGroup());
    group.close();
    group.close();
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array = manager.zeros(new Shape(1));
      assertThatThrownBy(() -> group.allReduce(array, ReduceOp.SUM))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("[rank 0/1] The process group has been closed.");
    }
  }

  @Test
  void aFailureOfASubgroupLeavesTheGroupAlive() {
    NcclRanks.runAll(
        2,
        group -> {
          NcclProcessGroup both = (NcclProcessGroup) group.subgroup(List.of(0, 1)).orElseThrow();
          if (group.rank() == 0) {
            both.abort(new IllegalStateException("one bad batch"));
          }
          assertThatThrownBy(() -> allReduce(DataType.FLOAT32, 1).run(both))
              .hasMessageContaining("one bad batch");
          allReduce(DataType.FLOAT32, 1).run(group);
        });
  }

  @Test
  void aSubgroupEndsWithItsGroup() {
    List<Outcome<Object>> outcomes =
        outcomes(
            group -> allReduce(DataType.FLOAT32, 1).run(pair(group)),
            group -> {
              pair(group);
              group.abort(new IllegalStateException("disk full"));
            });
    assertThat(outcomes.get(0).message()).contains("disk full");
    assertThat(outcomes.get(1).message()).contains("disk full");
  }

  private static NcclProcessGroup pair(NcclProcessGroup group) {
    return (NcclProcessGroup) group.subgroup(List.of(0, 1)).orElse(group);
  }

  @Test
  void namesVersionsThatDiffer() {
    assertThatThrownBy(() -> NcclConnector.requireOneVersion(List.of(22105, 22105, 22809)))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Rank 0 has NCCL 2.21.5, but rank 2 has 2.28.9. NCCL connects equal versions only: use"
                + " one libtorch or one FABRIC4J_NCCL_PATH on all hosts.");
  }
}
