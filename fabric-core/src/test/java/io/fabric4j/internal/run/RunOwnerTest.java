package io.fabric4j.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.RunWriter;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunOwnerTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(600);

  /** Beats once a second, and gives a busy machine time for it. */
  private static final Duration BEATING = Duration.ofSeconds(6);

  private static final long NOON = Instant.parse("2026-11-29T12:00:00Z").toEpochMilli();

  @TempDir private Path path;
  private RunFolder folder;

  @BeforeEach
  void openFolder() {
    folder = new RunFolder(new LocalCheckpointIO(), path.toString());
  }

  private RunOwner claim(String application, int attempt, Duration timeout) throws IOException {
    return RunOwner.claim(folder, new RunWriter(application, NOON, attempt), "host", timeout);
  }

  @Test
  void countsClaims() throws IOException {
    try (RunOwner first = claim("app-1", 0, LONG)) {
      assertThat(first.attempt()).isZero();
      first.check();
      assertThat(path.toFile().list()).containsExactlyInAnyOrder("_owner", "_heartbeat.a0");
    }
    assertThat(path.toFile().list()).containsExactly("_owner");
    try (RunOwner second = claim("app-2", 0, LONG)) {
      assertThat(second.attempt()).isEqualTo(1);
    }
  }

  @Test
  void doesNotReuseTheNumberOfACheckpointWhoseOwnerFileIsGone() throws IOException {
    Files.createFile(path.resolve("step-7.a4.safetensors"));
    try (RunOwner owner = claim("app-1", 0, LONG)) {
      assertThat(owner.attempt()).isEqualTo(5);
    }
  }

  @Test
  void isTakenOverAtOnceByALaterAttempt() throws IOException {
    RunOwner zombie = claim("app-1", 0, LONG);
    RunOwner next = claim("app-1", 1, LONG);
    next.check();
    assertThatThrownBy(zombie::check)
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "app-1 (launched 2026-11-29T12:00:00Z, attempt 0) on host no longer owns run "
                + path
                + ": app-1 (launched 2026-11-29T12:00:00Z, attempt 1) on host has taken it over."
                + " Nothing more is written here, and this rank has to end.");
    zombie.close();
    next.check();
    assertThat(path.toFile().list()).containsExactlyInAnyOrder("_owner", "_heartbeat.a1");
    next.close();
  }

  @Test
  void refusesAnEarlierAttempt() throws IOException {
    claim("app-1", 1, LONG).close();
    assertThatThrownBy(() -> claim("app-1", 0, LONG))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot write to run "
                + path
                + " as app-1 (launched 2026-11-29T12:00:00Z, attempt 0): it belongs to the later"
                + " app-1 (launched 2026-11-29T12:00:00Z, attempt 1) on host. This rank has to"
                + " end.");
  }

  @Test
  void namesALiveOwnerOfAnotherApplication() throws IOException {
    try (RunOwner owner = claim("app-1", 3, BEATING)) {
      assertThatThrownBy(() -> claim("app-2", 0, BEATING))
          .isInstanceOf(FabricException.class)
          .hasMessage(
              "Cannot write to run "
                  + path
                  + ": it belongs to app-1 (launched 2026-11-29T12:00:00Z, attempt 3) on host,"
                  + " which is alive. Stop that application, or choose another run id.");
      owner.check();
    }
  }

  @Test
  void isTakenOverByAnotherApplicationAfterSilence() throws IOException {
    claim("app-1", 0, LONG).close();
    Files.writeString(path.resolve("_heartbeat.a0"), Instant.now().toString());
    Files.createFile(path.resolve(".fabric-killed.tmp"));
    long start = System.nanoTime();
    try (RunOwner owner = claim("app-2", 0, SHORT)) {
      assertThat(System.nanoTime() - start).isGreaterThan(SHORT.toNanos() * 9 / 10);
      assertThat(path.toFile().list()).containsExactlyInAnyOrder("_owner", "_heartbeat.a1");
      owner.check();
    }
  }

  @Test
  void doesNotWaitForAnOwnerThatDiedLongAgo() throws IOException {
    claim("app-1", 0, LONG).close();
    Files.writeString(path.resolve("_heartbeat.a0"), "2026-01-01T00:00:00Z");
    claim("app-2", 0, LONG).close();
  }

  @Test
  void noticesItsLossWithTheNextHeartbeat() throws Exception {
    try (RunOwner zombie = claim("app-1", 0, SHORT);
        RunOwner next = claim("app-1", 1, LONG)) {
      next.check();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!isLost(zombie)) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.sleep(20);
      }
    }
  }

  private static boolean isLost(RunOwner owner) {
    try {
      owner.throwIfLost();
      return false;
    } catch (FabricException e) {
      assertThat(e).hasMessageContaining("has taken it over");
      return true;
    }
  }

  @Test
  void saysThatTheOwnerFileIsNone() throws IOException {
    Files.writeString(path.resolve("_owner"), "{");
    assertThatThrownBy(() -> claim("app-1", 0, LONG))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Cannot tell who owns run %s: %s is no owner file. If nobody trains it, delete that file."
                .formatted(path, path.resolve("_owner")));
    Files.delete(path.resolve("_owner"));
    try (RunOwner owner = claim("app-1", 0, LONG)) {
      Files.delete(path.resolve("_owner"));
      assertThatThrownBy(owner::check)
          .isInstanceOf(FabricException.class)
          .hasMessageContaining("its file _owner has been deleted");
    }
  }
}
