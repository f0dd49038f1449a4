package io.fabric4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.internal.checkpoint.PendingStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCheckpointIOTest {
  private final CheckpointIO io = new LocalCheckpointIO();
  @TempDir private Path folder;

  @Test
  void publishesOnCommitAndCreatesParents() throws IOException {
    Path path = folder.resolve("a/b/step-1.safetensors");
    try (CheckpointIO.PendingFile file = io.create(path.toString())) {
      try (var stream = file.stream()) {
        stream.write("one".getBytes(StandardCharsets.UTF_8));
      }
      assertThat(io.exists(path.toString())).isFalse();
      assertThat(io.list(path.getParent().toString())).isEmpty();
      file.commit();
    }
    assertThat(path).hasContent("one");
    assertThat(io.exists(path.toString())).isTrue();
    assertThat(io.length(path.toString())).isEqualTo(3);
    assertThat(files(path.getParent())).containsExactly("step-1.safetensors");
  }

  @Test
  void replacesAnOlderFile() throws IOException {
    String path = folder.resolve("f").toString();
    write(path, "one");
    write(path, "two");
    try (InputStream in = io.open(path)) {
      assertThat(in).hasContent("two");
    }
    assertThat(files(folder)).containsExactly("f");
  }

  @Test
  void leavesNothingWithoutCommit() throws IOException {
    String path = folder.resolve("f").toString();
    write(path, "one");
    try (CheckpointIO.PendingFile file = io.create(path)) {
      file.stream().write(7);
    }
    assertThat(folder.resolve("f")).hasContent("one");
    assertThat(files(folder)).containsExactly("f");
  }

  @Test
  void leavesNothingWhenCommitFails() throws IOException {
    Path target = folder.resolve("f");
    assertThatThrownBy(
            () -> {
              try (CheckpointIO.PendingFile file = io.create(target.toString())) {
                Files.createDirectory(target);
                file.commit();
              }
            })
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot commit checkpoint file " + target + ": FileSystemException")
        .hasMessageContaining("Is a directory. Check that folder " + folder);
    assertThat(files(folder)).containsExactly("f");
  }

  @Test
  void rejectsASecondCommit() throws IOException {
    String path = folder.resolve("f").toString();
    CheckpointIO.PendingFile file = io.create(path);
    file.commit();
    assertThatThrownBy(file::commit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The checkpoint file " + path + " is already committed or closed. Create it again.");
    file.close();
    file.close();
    assertThat(io.exists(path)).isTrue();
  }

  @Test
  void readersNeverSeeAPart() throws Exception {
    String path = folder.resolve("f").toString();
    write(path, "0".repeat(100_000));
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Integer> reader =
        CompletableFuture.supplyAsync(
            () -> {
              int reads = 0;
              for (; !done.get(); reads++) {
                String content = read(path);
                assertThat(content).isEqualTo(content.substring(0, 1).repeat(100_000));
              }
              return reads;
            });
    for (int i = 0; i < 200; i++) {
      write(path, String.valueOf(i % 10).repeat(100_000));
    }
    done.set(true);
    assertThat(reader.get()).isPositive();
  }

  @Test
  void takesFileUris() throws IOException {
    String uri = folder.resolve("with space/f").toUri().toString();
    write(uri, "one");
    assertThat(folder.resolve("with space/f")).hasContent("one");
    List<String> listed = io.list(folder.resolve("with space").toUri().toString());
    assertThat(listed).containsExactly(uri);
    assertThat(io.length(listed.get(0))).isEqualTo(3);
  }

  @Test
  void rejectsOtherUris() {
    assertThatThrownBy(() -> io.create("hdfs://nn/run/f"))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "Cannot use hdfs://nn/run/f as a checkpoint path: LocalCheckpointIO handles plain paths"
                + " and file: URIs only. Use the CheckpointIO of that storage, such as"
                + " HadoopCheckpointIO of fabric-spark.");
    assertThatThrownBy(() -> io.exists("file://host/f"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "Cannot use file://host/f as a checkpoint path: it is no URI of a local file (");
  }

  @Test
  void listsFilesSorted() throws IOException {
    write(folder.resolve("b").toString(), "");
    write(folder.resolve("a").toString(), "");
    write(folder.resolve("sub/c").toString(), "");
    Files.createFile(folder.resolve(".fabric-left-by-a-killed-process.tmp"));
    assertThat(io.list(folder.toString()))
        .containsExactly(folder.resolve("a").toString(), folder.resolve("b").toString());
    assertThat(io.list(folder.resolve("none").toString())).isEmpty();
    assertThatThrownBy(() -> io.list(folder.resolve("a").toString()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot list checkpoint folder " + folder.resolve("a"));
  }

  @Test
  void deletesFilesOnly() throws IOException {
    String path = folder.resolve("sub/f").toString();
    write(path, "one");
    io.delete(path);
    io.delete(path);
    assertThat(io.exists(path)).isFalse();
    assertThatThrownBy(() -> io.delete(folder.resolve("sub").toString()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot delete checkpoint file " + folder.resolve("sub"))
        .hasMessageContaining("Is a directory");
  }

  @Test
  void namesMissingFiles() {
    String path = folder.resolve("none").toString();
    assertThatThrownBy(() -> io.open(path))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("Cannot open checkpoint file " + path + ": it does not exist. Check the path.");
    assertThatThrownBy(() -> io.length(path)).isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> io.open(folder.toString()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Is a directory");
  }

  @Test
  void saysWhyAFolderIsNotWritable() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    String path = file.resolve("run/f").toString();
    assertThatThrownBy(() -> io.checkWritable(path))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot create checkpoint file " + path + ": FileSystemException: ")
        .hasMessageEndingWith(
            ("Check that folder %s exists, has free space and lets user '%s' read and write, or"
                    + " use another path.")
                .formatted(file.resolve("run"), System.getProperty("user.name")));
    assertThatThrownBy(() -> io.checkWritable("/proc/fabric/f"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot create checkpoint file /proc/fabric/f: ");
    assertThatThrownBy(() -> io.checkWritable(folder.toString()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Is a directory");
  }

  @Test
  void checkWritableLeavesNothing() throws IOException {
    io.checkWritable(folder.resolve("sub/f").toString());
    assertThat(files(folder.resolve("sub"))).isEmpty();
  }

  @Test
  void namesThePathWhenTheDiskIsFull() throws IOException {
    try (FileOutputStream full = new FileOutputStream("/dev/full")) {
      PendingStream stream = new PendingStream(full, "/data/f");
      assertThatThrownBy(() -> stream.write(new byte[100_000]))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              "Cannot write checkpoint file /data/f: IOException: No space left on device. An older"
                  + " file of that path is unchanged. Check the space and the state of the"
                  + " storage.");
    }
  }

  @Test
  void takesLongNames() throws IOException {
    String path = folder.resolve("n".repeat(255)).toString();
    write(path, "one");
    assertThat(io.exists(path)).isTrue();
  }

  private void write(String path, String content) throws IOException {
    try (CheckpointIO.PendingFile file = io.create(path)) {
      file.stream().write(content.getBytes(StandardCharsets.UTF_8));
      file.commit();
    }
  }

  private String read(String path) {
    try (InputStream in = io.open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
