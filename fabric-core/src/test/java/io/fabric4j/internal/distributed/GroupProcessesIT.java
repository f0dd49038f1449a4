package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Ranks in JVMs of their own: what only a process can do to the others is to die or to stop. */
@Timeout(120)
class GroupProcessesIT {
  private final List<RankProcess> ranks = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void destroy() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  private void start(int size, Transport transport, String scenario) throws Exception {
    for (int rank = 0; rank < size; rank++) {
      ranks.add(RankProcess.start(folder, rank, size, transport, scenario));
    }
  }

  private void awaitRunning() throws Exception {
    for (RankProcess rank : ranks) {
      while (!rank.output().contains("running")) {
        assertThat(rank.process().isAlive()).as(rank.output()).isTrue();
        Thread.sleep(20);
      }
    }
  }

  private void assertOthersEnd(int culprit, Duration limit, String... texts) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    for (RankProcess rank : ranks) {
      if (rank != ranks.get(culprit)) {
        assertThat(rank.process().waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS))
            .as("ended in time: " + rank.output())
            .isTrue();
        assertThat(rank.output()).contains("ProcessGroupException: [rank ").contains(texts);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"SHARED_MEMORY, 1000", "SHARED_MEMORY, 3000000", "TCP, 1000", "TCP, 3000000"})
  void aKilledRankEndsTheOthersAtOnce(Transport transport, String length) throws Exception {
    start(3, transport, length);
    awaitRunning();
    ranks.get(1).process().destroyForcibly();
    assertOthersEnd(
        1,
        Duration.ofSeconds(5),
        "allReduce call #",
        "failed: rank 1 (127.0.0.1:",
        "closed its connection. Look at the log of rank 1 first.");
  }

  @ParameterizedTest
  @CsvSource({"SHARED_MEMORY, 1000", "TCP, 3000000"})
  void aStoppedRankEndsTheOthersAfterThePeerTimeout(Transport transport, String length)
      throws Exception {
    start(3, transport, length);
    awaitRunning();
    String stopped = Long.toString(ranks.get(2).process().pid());
    new ProcessBuilder("kill", "-STOP", stopped).start().waitFor();
    assertOthersEnd(
        2,
        Duration.ofSeconds(15),
        "failed: rank 2 (127.0.0.1:",
        "has been silent for 4 s: its process is stopped or its host unreachable.");
  }

  @ParameterizedTest
  @EnumSource(value = Transport.class, mode = Mode.EXCLUDE, names = "AUTO")
  void printsTheTimeOfAnAllReduce(Transport transport) throws Exception {
    start(2, transport, "benchmark");
    for (RankProcess rank : ranks) {
      assertThat(rank.process().waitFor()).as(rank.output()).isZero();
    }
    System.out.print(ranks.get(0).output());
  }
}
