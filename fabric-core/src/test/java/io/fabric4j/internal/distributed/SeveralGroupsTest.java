package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups that share ranks, a JVM or a host do not mix. */
@Timeout(60)
class SeveralGroupsTest {
  private static final Executor THREADS = code -> new Thread(code, "group-test").start();

  private static float sum(ProcessGroup group, float value) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array = group.allocate(manager, new Shape(5000), DataType.FLOAT32);
      array.addi(value);
      group.allReduce(array, ReduceOp.SUM).waitFor();
      return array.getFloat(4999);
    }
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void callsOfAGroupAndItsSubgroupsInterleave(Layout layout) {
    Ranks.runAll(
        layout.options(),
        group -> {
          ProcessGroup reversed = group.subgroup(List.of(2, 1, 0)).orElseThrow();
          ProcessGroup pair =
              group.subgroup(List.of(1, 2)).or(() -> group.subgroup(List.of(0))).orElse(null);
          if (group.rank() > 0) {
            group.subgroup(List.of(0));
          }
          for (int i = 0; i < 20; i++) {
            assertThat(sum(group, i)).isEqualTo(3f * i);
            assertThat(sum(pair, 1)).isEqualTo(pair.size());
            assertThat(reversed.broadcastObject(group.rank() + i, 0)).isEqualTo(2 + i);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void launchesSideBySideInOneJvmHaveResultsOfTheirOwn(Layout layout) {
    List<CompletableFuture<List<Float>>> launches =
        IntStream.range(0, 4)
            .mapToObj(
                launch ->
                    CompletableFuture.supplyAsync(
                        () -> Ranks.run(layout.options(), group -> sum(group, launch)), THREADS))
            .toList();
    for (int launch = 0; launch < launches.size(); launch++) {
      assertThat(launches.get(launch).join()).containsOnly(3f * launch);
    }
  }

  @Test
  void aGroupThatFailsLeavesAnotherOneAlone() {
    CompletableFuture<List<Float>> healthy =
        CompletableFuture.supplyAsync(
            () ->
                Ranks.run(
                    3,
                    Ranks.OPTIONS,
                    group -> {
                      for (int i = 0; i < 200; i++) {
                        group.barrier().waitFor();
                      }
                      return sum(group, 1);
                    }),
            THREADS);
    for (Outcome<?> outcome :
        Ranks.outcomes(
            3,
            Ranks.OPTIONS,
            group -> {
              if (group.rank() == 1) {
                group.abort(new IllegalStateException("mine alone"));
              }
              return group.barrier();
            })) {
      assertThat(outcome.message()).contains("mine alone");
    }
    assertThat(healthy.join()).containsOnly(3f);
  }
}
