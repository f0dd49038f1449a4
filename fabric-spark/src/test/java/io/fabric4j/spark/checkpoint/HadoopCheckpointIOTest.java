package io.fabric4j.spark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopCheckpointIOTest {
  private final CheckpointIO io = new HadoopCheckpointIO(new Configuration(false));
  @TempDir private Path folder;

  @Test
  void writesLocalFilesWithoutChecksumFiles() throws IOException {
    String path = "file:" + folder.resolve("a b/f");
    write(io, path);
    write(io, path);
    assertThat(folder.resolve("a b")).isDirectoryContaining("glob:**/f");
    assertThat(folder.resolve("a b").toFile().list()).containsExactly("f");
    assertThat(io.list("file:" + folder.resolve("a b"))).containsExactly(path);
    assertThat(io.length(path)).isOne();
    assertThat(io.exists(path)).isTrue();
    io.checkWritable(path);
    io.delete(path);
    assertThat(folder.resolve("a b")).isEmptyDirectory();
  }

  @Test
  void takesPathsWithoutSchemeFromTheDefaultFileSystem() throws IOException {
    write(io, folder.resolve("f").toString());
    assertThat(folder.resolve("f")).exists();

    Configuration configuration = ObjectStoreFileSystem.configuration();
    configuration.set("fs.defaultFS", "objstore:///");
    CheckpointIO objects = new HadoopCheckpointIO(configuration);
    assertThat(objects.list(folder.toString())).containsExactly("objstore:" + folder.resolve("f"));
  }

  @Test
  void travelsToExecutors() throws Exception {
    HadoopCheckpointIO original = new HadoopCheckpointIO(ObjectStoreFileSystem.configuration());
    write(original, "objstore:" + folder.resolve("f"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(original);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      HadoopCheckpointIO copy = (HadoopCheckpointIO) in.readObject();
      assertThat(copy.exists("objstore:" + folder.resolve("f"))).isTrue();
    }
  }

  @Test
  void namesUnknownSchemes() {
    assertThatThrownBy(() -> io.create("s3x://bucket/f"))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "Cannot find the storage system of checkpoint path s3x://bucket/f:"
                + " UnsupportedFileSystemException: No FileSystem for scheme \"s3x\". Correct the"
                + " scheme, or add its connector to spark.jars (for s3a: hadoop-aws).");
  }

  @Test
  void reportsLocalFailures() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> io.checkWritable("file:" + file.resolve("f")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot create checkpoint file " + file.resolve("f"));
    assertThatThrownBy(() -> io.open("file:" + folder.resolve("none")))
        .isInstanceOf(FileNotFoundException.class);
  }

  private static void write(CheckpointIO io, String path) throws IOException {
    try (CheckpointIO.PendingFile pending = io.create(path)) {
      pending.stream().write(7);
      pending.commit();
    }
  }
}
