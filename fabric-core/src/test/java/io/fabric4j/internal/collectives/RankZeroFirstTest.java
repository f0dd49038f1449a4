package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.FabricException;
import io.fabric4j.Launch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankZeroFirstTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void firstRankFinishesBeforeTheOthersStart(int ranks) {
    List<Integer> order = new CopyOnWriteArrayList<>();
    List<Integer> seen =
        Launch.onRanks(
            ranks,
            fabric -> {
              int rank = fabric.globalRank();
              RankZeroFirst.run(
                  fabric.processGroup(),
                  rank == 0,
                  DEADLINE,
                  () -> {
                    Thread.sleep(rank == 0 ? 100 : 0);
                    return order.add(rank);
                  });
              return order.size();
            });
    assertThat(order.get(0)).isZero();
    assertThat(seen).containsOnly(ranks);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void failureOfARankReachesAll(int failing) {
    List<String> messages =
        Launch.onRanks(
            3,
            fabric -> {
              int rank = fabric.globalRank();
              try {
                return RankZeroFirst.run(
                    fabric.processGroup(), rank == 0, DEADLINE, () -> failOn(failing, rank));
              } catch (Exception e) {
                return e.getMessage();
              }
            });
    for (int rank = 0; rank < 3; rank++) {
      assertThat(messages.get(rank))
          .isEqualTo(
              rank == failing
                  ? "no space"
                  : "rankZeroFirst failed on rank "
                      + failing
                      + ": java.io.IOException: no space. Look at the log of rank "
                      + failing
                      + " first.");
    }
  }

  @Test
  void errorOfTheFirstRankReachesAll() {
    List<String> messages =
        Launch.onRanks(
            2,
            fabric -> {
              try {
                RankZeroFirst.run(
                    fabric.processGroup(),
                    fabric.isGlobalZero(),
                    DEADLINE,
                    () -> {
                      throw new AssertionError("wrong");
                    });
                return "none";
              } catch (AssertionError | FabricException e) {
                return e.getMessage();
              }
            });
    assertThat(messages)
        .containsExactly(
            "wrong",
            "rankZeroFirst failed on rank 0: java.lang.AssertionError: wrong. Look at the log of"
                + " rank 0 first.");
  }

  private static String failOn(int failing, int rank) throws Exception {
    if (rank == failing) {
      throw new java.io.IOException("no space");
    }
    return "done";
  }
}
