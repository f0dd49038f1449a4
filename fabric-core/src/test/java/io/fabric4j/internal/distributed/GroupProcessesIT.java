package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ranks in JVMs of their own: what only a process can do to the others is to die or to stop, and
 * only a network to go away. After each failure the JVMs launch again.
 */
@Timeout(120)
class GroupProcessesIT {
  private static final Duration PROMPT = Duration.ofSeconds(5);

  /** The processes' peer timeout is 4 s. */
  private static final Duration AFTER_SILENCE = Duration.ofSeconds(15);

  private final List<RankProcess> ranks = new ArrayList<>();

  @TempDir private Path folder;

  @AfterEach
  void destroy() throws Exception {
    for (RankProcess rank : ranks) {
      rank.process().destroyForcibly().waitFor();
    }
  }

  private void start(List<Place> places, String transport, String scenario) throws Exception {
    for (int rank = 0; rank < places.size(); rank++) {
      ranks.add(
          RankProcess.start(places.get(rank), folder, rank, places.size(), transport, scenario));
    }
  }

  private void startThree(String transport, String elements) throws Exception {
    start(List.of(Place.HERE, Place.HERE, Place.HERE), transport, elements);
    awaitOutput("running", Duration.ofSeconds(60), List.of(0, 1, 2));
  }

  private void awaitOutput(String text, Duration limit, List<Integer> from) throws Exception {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int rank : from) {
      while (!ranks.get(rank).output().contains(text)) {
        assertThat(System.nanoTime())
            .as("rank %d prints '%s' in time: %s", rank, text, ranks.get(rank).output())
            .isLessThan(deadline);
        Thread.sleep(20);
      }
    }
  }

  private void assertEnd(List<Integer> others, Duration limit, String... texts) throws Exception {
    awaitOutput("ProcessGroupException: [rank ", limit, others);
    for (int rank : others) {
      assertThat(ranks.get(rank).output()).contains("allReduce call #").contains(texts);
    }
  }

  private void assertAllLaunchAgain() throws Exception {
    for (RankProcess rank : ranks) {
      assertThat(rank.process().waitFor()).as(rank.output()).isZero();
      assertThat(rank.output()).contains("again [0, 1, 2]");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "shared-memory, 1000",
    "shared-memory, 3000000",
    "tcp, 1000",
    "tcp, 3000000",
    "encrypted, 100000"
  })
  void aKilledRankEndsTheOthersAtOnce(String transport, String elements) throws Exception {
    startThree(transport, elements);
    ranks.get(1).process().destroyForcibly();
    assertEnd(
        List.of(0, 2),
        PROMPT,
        "failed: rank 1 (127.0.0.1:",
        "closed its connection. Look at the log of rank 1 first.");
    ranks.set(1, RankProcess.start(Place.HERE, folder, 1, 3, transport, "again"));
    assertAllLaunchAgain();
  }

  @ParameterizedTest
  @CsvSource({"shared-memory, 1000", "tcp, 3000000"})
  void aStoppedRankEndsTheOthersAfterThePeerTimeout(String transport, String elements)
      throws Exception {
    startThree(transport, elements);
    signal("-STOP", ranks.get(2));
    assertEnd(
        List.of(0, 1),
        AFTER_SILENCE,
        "failed: rank 2 (127.0.0.1:",
        "has been silent for 4 s: its process is stopped or its host unreachable.");
    signal("-CONT", ranks.get(2));
    assertAllLaunchAgain();
  }

  private static void signal(String signal, RankProcess rank) throws Exception {
    String pid = Long.toString(rank.process().pid());
    assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
  }

  @Test
  void aPulledCableEndsTheRanksOfBothHosts() throws Exception {
    try (VirtualHosts hosts = new VirtualHosts()) {
      start(List.of(hosts.place(0), hosts.place(1), hosts.place(0)), "auto", "100000");
      awaitOutput("running", Duration.ofSeconds(60), List.of(0, 1, 2));
      hosts.setLink("down");
      assertEnd(List.of(0, 1, 2), AFTER_SILENCE, "has been silent for 4 s", "failed: rank ");
      assertThat(ranks.get(0).output()).contains("rank 1 (10.213.77.2:");
      assertThat(ranks.get(1).output()).contains(" (10.213.77.1:");
      assertThat(ranks.get(2).output()).contains("rank 1 (10.213.77.2:");
      hosts.setLink("up");
      assertAllLaunchAgain();
    }
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"shared-memory", "tcp", "encrypted"})
  void printsTheTimeOfAnAllReduce(String transport) throws Exception {
    start(List.of(Place.HERE, Place.HERE), transport, "benchmark");
    printBenchmark();
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"auto", "tcp"})
  void printsTheTimeOfAnAllReduceBetweenHosts(String transport) throws Exception {
    try (VirtualHosts hosts = new VirtualHosts()) {
      hosts.limitRate("1gbit");
      Place first = hosts.place(0);
      Place second = hosts.place(1);
      start(List.of(first, second, first, second, first, second), transport, "benchmark");
      printBenchmark();
    }
  }

  private void printBenchmark() throws Exception {
    for (RankProcess rank : ranks) {
      assertThat(rank.process().waitFor()).as(rank.output()).isZero();
    }
    System.out.print(ranks.get(0).output());
  }
}
