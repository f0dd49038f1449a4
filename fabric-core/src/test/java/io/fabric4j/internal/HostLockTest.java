package io.fabric4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostLockTest {
  private static final Duration LONG = Duration.ofSeconds(50);

  @TempDir private Path folder;

  @Test
  void waitsUntilTheOtherHasDoneTheWork() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (HostLock first = HostLock.acquire(file(), done::get, LONG)) {
      CompletableFuture<Void> second =
          CompletableFuture.runAsync(() -> HostLock.acquire(file(), done::get, LONG).close());
      assertThat(second).failsWithin(Duration.ofMillis(300));
      done.set(true);
      second.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void takesOverFromOneThatGaveUp() throws Exception {
    HostLock first = HostLock.acquire(file(), () -> false, LONG);
    CompletableFuture<Void> second =
        CompletableFuture.runAsync(() -> HostLock.acquire(file(), () -> false, LONG).close());
    first.close();
    second.get(20, TimeUnit.SECONDS);
  }

  @Test
  void goesOnWithoutOneThatTakesTooLong() {
    try (HostLock first = HostLock.acquire(file(), () -> false, LONG)) {
      HostLock.acquire(file(), () -> false, Duration.ofMillis(100)).close();
    }
  }

  @Test
  void goesOnWhereThereIsNoPlaceForTheLock() throws Exception {
    Path notAFolder = Files.createFile(folder.resolve("file"));
    HostLock.acquire(notAFolder.resolve("lock"), () -> false, LONG).close();
    assertThat(notAFolder).isEmptyFile();
  }

  @Test
  void leavesTheLockToOthersWhenItCloses() throws Exception {
    HostLock.acquire(file(), () -> false, LONG).close();
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      assertThat(lock).isNotNull();
    }
  }

  private Path file() {
    return folder.resolve("folder").resolve("lock");
  }
}
