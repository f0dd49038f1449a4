package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class SubgroupTest {
  private static final GroupOptions OPTIONS = Ranks.OPTIONS;

  @ParameterizedTest
  @EnumSource(value = Transport.class, mode = Mode.EXCLUDE, names = "AUTO")
  void ranksInTheSubgroupFollowTheList(Transport transport) {
    List<String> seen =
        Ranks.run(
            4,
            OPTIONS.withTransport(transport),
            group -> {
              Optional<ProcessGroup> odd = group.subgroup(List.of(3, 1));
              Optional<ProcessGroup> even = group.subgroup(List.of(0, 2));
              ProcessGroup mine = odd.isPresent() ? odd.get() : even.orElseThrow();
              assertThat(odd.isPresent()).isNotEqualTo(even.isPresent());
              return mine.rank() + " " + mine.allGatherObject(group.rank()) + mine.transport();
            });
    String name = transport.label();
    assertThat(seen)
        .containsExactly(
            "0 [0, 2]" + name, "1 [3, 1]" + name, "1 [0, 2]" + name, "0 [3, 1]" + name);
  }

  @Test
  void subgroupsNest() {
    Ranks.runAll(
        3,
        OPTIONS,
        group -> {
          Optional<ProcessGroup> pair = group.subgroup(List.of(2, 0));
          if (pair.isPresent()) {
            Optional<ProcessGroup> alone = pair.get().subgroup(List.of(1));
            assertThat(alone.isPresent()).isEqualTo(group.rank() == 0);
            assertThat(pair.get().allGatherObject(group.rank())).containsExactly(2, 0);
          }
          group.barrier().waitFor();
        });
  }

  @Test
  void rejectsListsThatNameNoSubgroup() {
    for (List<Integer> ranks : List.of(List.<Integer>of(), List.of(0, 0), List.of(0, 2))) {
      for (Outcome<?> outcome : Ranks.outcomes(2, OPTIONS, group -> group.subgroup(ranks))) {
        assertThat(outcome.error()).isInstanceOf(IllegalArgumentException.class);
        assertThat(outcome.message())
            .isEqualTo(
                ranks
                    + " are not the ranks of a subgroup. Name at least one rank from 0 to 1, each"
                    + " once.");
      }
    }
  }

  @Test
  void rejectsListsThatDifferBetweenRanks() {
    for (Outcome<?> outcome :
        Ranks.outcomes(
            2, OPTIONS, group -> group.subgroup(group.rank() == 0 ? List.of(0, 1) : List.of(1)))) {
      assertThat(outcome.error()).isInstanceOf(IllegalArgumentException.class);
      assertThat(outcome.message())
          .isEqualTo(
              "subgroup was called with [0, 1] on rank 0 and with [1] on rank 1. Every rank of the"
                  + " group must pass the same list.");
    }
  }

  @Test
  void memberThatLeavesEndsTheSubgroupButNotTheParent() {
    Ranks.runAll(
        3,
        OPTIONS,
        group -> {
          Optional<ProcessGroup> pair = group.subgroup(List.of(0, 1));
          if (group.rank() == 1) {
            pair.orElseThrow().close();
          } else if (group.rank() == 0) {
            assertThatThrownBy(() -> pair.orElseThrow().barrier().waitFor())
                .isInstanceOf(ProcessGroupException.class)
                .hasMessageContaining("left the group before");
          }
          assertThat(group.allGatherObject(group.rank())).containsExactly(0, 1, 2);
        });
  }

  @Test
  void failureOfTheParentEndsTheSubgroup() {
    List<Outcome<Object>> outcomes =
        Ranks.outcomes(
            3,
            OPTIONS,
            group -> {
              Optional<ProcessGroup> pair = group.subgroup(List.of(0, 1));
              group.barrier().waitFor();
              if (group.rank() == 2) {
                group.abort(new IllegalStateException("disk full"));
              }
              while (group.rank() < 2) {
                pair.orElseThrow().barrier().waitFor();
              }
              return null;
            });
    assertThat(outcomes.get(0).message()).contains("has ended").contains("disk full");
    assertThat(outcomes.get(1).message()).contains("has ended").contains("disk full");
  }

  @Test
  void ownDeadlineHolds() {
    Ranks.runAll(
        2,
        OPTIONS,
        group -> {
          ProcessGroup hasty = group.subgroup(List.of(0, 1), Duration.ofMillis(300)).orElseThrow();
          if (group.rank() == 0) {
            assertThatThrownBy(() -> hasty.barrier().waitFor()).hasMessageContaining("300 ms");
          }
          group.barrier().waitFor();
        });
  }

  @Test
  void closingTheGroupReleasesItsSubgroups() {
    long before = groupThreads();
    Ranks.runAll(2, OPTIONS, group -> group.subgroup(List.of(1, 0)).orElseThrow().barrier());
    assertThat(groupThreads()).isEqualTo(before);
  }

  @Test
  void subgroupOfOneEndsWithItsParent() {
    SingleProcessGroup group = new SingleProcessGroup();
    ProcessGroup subgroup = group.subgroup(List.of(0), Duration.ofSeconds(1)).orElseThrow();
    subgroup.barrier().waitFor();
    group.close();
    assertThatThrownBy(subgroup::barrier).hasMessageContaining("has been closed");
    assertThatThrownBy(() -> new SingleProcessGroup().subgroup(List.of(1)))
        .hasMessageContaining("[1] are not the ranks of a subgroup.");
  }

  private static long groupThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("fabric4j"))
        .count();
  }
}
