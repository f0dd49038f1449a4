package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.internal.distributed.Place;
import io.fabric4j.internal.run.CheckpointName;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks as processes that are killed, and started again by hand. */
@Timeout(300)
class RunResumeIT {
  @TempDir private Path folder;
  private int calls;

  private Path newCall() {
    return folder.resolve("call-" + calls++);
  }

  private List<Process> start(Path call, int ranks, String runs, String application, int attempt)
      throws Exception {
    return RankProcesses.start(
        call,
        Collections.nCopies(ranks, Place.HERE),
        RunRank.class,
        folder.resolve(runs).toString(),
        application,
        Integer.toString(attempt));
  }

  private List<ByteBuffer> results(int ranks, String runs, String application, int attempt)
      throws Exception {
    Path call = newCall();
    return RankProcesses.results(call, start(call, ranks, runs, application, attempt)).stream()
        .map(ByteBuffer::wrap)
        .toList();
  }

  private TreeSet<String> files(String runs) throws Exception {
    Path run = folder.resolve(runs).resolve("run");
    if (!Files.exists(run)) {
      return new TreeSet<>();
    }
    try (Stream<Path> files = Files.list(run)) {
      return files
          .map(f -> f.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private void awaitStep(String runs, long step) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (files(runs).stream()
        .map(CheckpointName::of)
        .flatMap(Optional::stream)
        .noneMatch(name -> name.step() >= step)) {
      assertThat(System.nanoTime()).as("no checkpoint of step " + step).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static void kill(List<Process> processes) throws Exception {
    for (Process process : processes) {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void endsWithTheBitsOfProcessesThatWereNotKilled() throws Exception {
    List<ByteBuffer> whole = results(2, "whole", "app", 0);
    Random random = new Random(7);
    for (int kill = 0; kill < 3; kill++) {
      List<Process> processes = start(newCall(), 2, "killed", "app-" + kill, 0);
      awaitStep("killed", 3 + 16 * kill + random.nextInt(10));
      Thread.sleep(random.nextInt(60));
      kill(processes);
    }
    assertThat(results(2, "killed", "app-last", 0)).isEqualTo(whole);
    assertThat(files("killed")).hasSize(5).contains("_finished", "_owner");
  }

  /** Stopped in the middle of training, taken over, and woken up when the other has ended. */
  @Test
  void zombieCannotPublish() throws Exception {
    List<ByteBuffer> whole = results(1, "whole", "app", 0);
    Path first = newCall();
    Process zombie = start(first, 1, "runs", "app", 0).get(0);
    try {
      awaitStep("runs", 6);
      signal("STOP", zombie);
      assertThat(results(1, "runs", "app", 1)).isEqualTo(whole);
      TreeSet<String> published = files("runs");
      signal("CONT", zombie);
      assertThat(zombie.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(zombie.exitValue()).isNotZero();
      assertThat(Files.readString(first.resolve("log-0")))
          .contains(
              "app (launched 1970-01-01T00:00:00Z, attempt 1) on localhost has taken it over");
      assertThat(files("runs")).isEqualTo(published).noneMatch(file -> file.contains(".a0."));
    } finally {
      zombie.destroyForcibly();
    }
  }

  private static void signal(String name, Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
