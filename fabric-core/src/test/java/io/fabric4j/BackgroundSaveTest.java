package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Saves that a thread of rank 0 writes, and calls that come meanwhile. */
@Timeout(60)
class BackgroundSaveTest {
  @TempDir private Path folder;
  private final GatedIO io = new GatedIO();
  private NDManager manager;
  private Checkpointer checkpointer;

  /** Holds back the files of the background thread until the gate opens. */
  private static final class GatedIO implements CheckpointIO {
    private final CheckpointIO local = new LocalCheckpointIO();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<String> committed = Collections.synchronizedList(new ArrayList<>());

    @Override
    public PendingFile create(String path) throws IOException {
      PendingFile file = local.create(path);
      return new PendingFile() {
        @Override
        public OutputStream stream() {
          return file.stream();
        }

        @Override
        public void commit() throws IOException {
          if (Thread.currentThread().getName().equals("fabric-save")) {
            awaitGate();
          }
          file.commit();
          committed.add(Path.of(path).getFileName().toString());
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    }

    private void awaitGate() throws IOException {
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    void openLater() {
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS).execute(gate::countDown);
    }

    @Override
    public InputStream open(String path) throws IOException {
      return local.open(path);
    }

    @Override
    public long length(String path) throws IOException {
      return local.length(path);
    }

    @Override
    public boolean exists(String path) throws IOException {
      return local.exists(path);
    }

    @Override
    public List<String> list(String parent) throws IOException {
      return local.list(parent);
    }

    @Override
    public void delete(String path) throws IOException {
      local.delete(path);
    }

    @Override
    public void checkWritable(String path) throws IOException {
      local.checkWritable(path);
    }
  }

  private final Map<String, Long> saved = new ConcurrentHashMap<>();

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
    checkpointer = new Checkpointer(io, new SingleProcessGroup(), manager, saved::put);
  }

  @AfterEach
  void close() {
    io.gate.countDown();
    manager.close();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void saveAsync(String name) throws IOException {
    checkpointer.saveAsync(path(name), Map.of("n", 1), Map.of());
  }

  private void save(String name) throws IOException {
    checkpointer.save(path(name), Map.of("n", 2), Map.of());
  }

  @Test
  void isWaitedForBeforeAnotherSave() throws IOException {
    saveAsync("a");
    io.openLater();
    save("b");
    saveAsync("c");
    saveAsync("d");
    checkpointer.close();
    assertThat(io.committed).containsExactly("a", "b", "c", "d");
  }

  @Test
  void isWaitedForBeforeALoad() throws IOException {
    saveAsync("a");
    io.openLater();
    assertThat(checkpointer.load(path("a"), new HashMap<>(), LoadOptions.strict()))
        .containsEntry("n", 1L);
  }

  @Test
  void isWaitedForAgainAfterAnInterrupt() throws IOException {
    saveAsync("a");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> save("b"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Interrupted while checkpoint " + path("a") + " was being written. Writing goes on.");
    assertThat(Thread.interrupted()).isTrue();
    io.openLater();
    save("b");
    assertThat(io.committed).containsExactly("a", "b");
  }

  @Test
  void finishesWhenItsOwnerIsClosedAndInterrupted() throws IOException {
    saveAsync("a");
    io.gate.countDown();
    Thread.currentThread().interrupt();
    checkpointer.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(io.committed).containsExactly("a");
  }

  @Test
  @Timeout(20)
  void isGivenUpWhenItsOwnerIsCancelledAndStorageIsSlow() throws IOException {
    saveAsync("a");
    Thread.currentThread().interrupt();
    checkpointer.close();
    assertThat(Thread.interrupted()).isTrue();
    io.gate.countDown();
    assertThat(io.committed).isEmpty();
  }

  @Test
  void failsTheNextCallOnce() throws IOException {
    Files.createDirectory(folder.resolve("a"));
    io.gate.countDown();
    saveAsync("a");
    assertThatThrownBy(() -> save("b"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot save checkpoint " + path("a") + " in the background: ");
    save("b");
    saveAsync("a");
    assertThatThrownBy(checkpointer::close)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot save checkpoint " + path("a") + " in the background: ");
    checkpointer.close();
  }
}
