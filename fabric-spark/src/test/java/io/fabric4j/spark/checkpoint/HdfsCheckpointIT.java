package io.fabric4j.spark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HdfsCheckpointIT {
  @TempDir private static Path clusterFolder;
  private static MiniHdfs cluster;
  private static FileSystem hdfs;
  private static String root;
  private static CheckpointIO io;

  @BeforeAll
  static void startCluster() throws IOException {
    cluster = new MiniHdfs(clusterFolder, 1, Map.of());
    hdfs = cluster.fileSystem();
    root = cluster.root();
    io = cluster.io();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void publishesAndReplacesOnCommit() throws IOException {
    String path = root + "/publish/a/f";
    for (String content : new String[] {"one", "two"}) {
      try (CheckpointIO.PendingFile file = io.create(path)) {
        try (var stream = file.stream()) {
          stream.write(content.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(io.exists(path)).isEqualTo(content.equals("two"));
        file.commit();
      }
      assertThat(read(path)).isEqualTo(content);
    }
    assertThat(io.length(path)).isEqualTo(3);
    assertThat(cluster.names("/publish/a")).containsExactly("f");
  }

  @Test
  void leavesNothingWithoutCommit() throws IOException {
    String path = root + "/discard/f";
    write(path, "one");
    try (CheckpointIO.PendingFile file = io.create(path)) {
      file.stream().write(new byte[2_000_000]);
      assertThat(cluster.names("/discard")).hasSize(2);
      assertThat(io.list(root + "/discard")).containsExactly(path);
    }
    assertThat(read(path)).isEqualTo("one");
    assertThat(cluster.names("/discard")).containsExactly("f");
  }

  @Test
  void leavesNothingWhenCommitFails() throws IOException {
    String path = root + "/fail/f";
    assertThatThrownBy(
            () -> {
              try (CheckpointIO.PendingFile file = io.create(path)) {
                hdfs.mkdirs(new org.apache.hadoop.fs.Path(path, "folder"));
                file.commit();
              }
            })
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot commit checkpoint file " + path + ": ")
        .hasMessageEndingWith(", or use another path.")
        .hasMessageNotContaining("\n");
    assertThat(cluster.names("/fail")).containsExactly("f");
  }

  @Test
  void readersNeverSeeAPart() throws Exception {
    String path = root + "/loop/f";
    write(path, "0".repeat(50_000));
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger broken = new AtomicInteger();
    CompletableFuture<Integer> reader =
        CompletableFuture.supplyAsync(
            () -> {
              int reads = 0;
              while (!done.get()) {
                try {
                  String content = read(path);
                  assertThat(content).isEqualTo(content.substring(0, 1).repeat(50_000));
                  reads++;
                } catch (UncheckedIOException e) {
                  // HDFS may drop a replaced file's blocks between a reader's open and its read.
                  broken.incrementAndGet();
                }
              }
              return reads;
            });
    for (int i = 0; i < 200; i++) {
      write(path, String.valueOf(i % 10).repeat(50_000));
    }
    done.set(true);
    assertThat(reader.get()).isGreaterThan(10).isGreaterThan(10 * broken.get());
    assertThat(cluster.names("/loop")).containsExactly("f");
  }

  @Test
  void saysWhoMayNotWriteWhere() throws Exception {
    String path = root + "/private/run/f";
    hdfs.mkdirs(new org.apache.hadoop.fs.Path("/private"));
    UserGroupInformation alice =
        UserGroupInformation.createUserForTesting("alice", new String[] {"users"});
    for (PrivilegedExceptionAction<Object> action : writes(path)) {
      assertThatThrownBy(() -> alice.doAs(action))
          .isInstanceOf(CheckpointException.class)
          .hasMessageStartingWith(
              "Cannot create checkpoint file %s: AccessControlException: Permission denied:"
                      .formatted(path)
                  + " user=alice, access=WRITE, inode=\"/private\":")
          .hasMessageEndingWith(
              ". Check that the storage can be reached and lets user 'alice' read and write %s, or"
                      .formatted(root + "/private/run")
                  + " use another path.");
    }
  }

  @Test
  void checksThatItCanWrite() throws IOException {
    io.checkWritable(root + "/check/run/f");
    assertThat(cluster.names("/check/run")).isEmpty();
    write(root + "/check/file", "");
    assertThatThrownBy(() -> io.checkWritable(root + "/check/file/f"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot create checkpoint file " + root + "/check/file/f: ");
    assertThatThrownBy(() -> io.checkWritable(root + "/check"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Is a directory");
  }

  @Test
  void listsAndDeletesFiles() throws IOException {
    write(root + "/list/b", "");
    write(root + "/list/a", "");
    write(root + "/list/sub/c", "");
    assertThat(io.list(root + "/list")).containsExactly(root + "/list/a", root + "/list/b");
    assertThat(io.list(root + "/none")).isEmpty();
    io.delete(root + "/list/a");
    io.delete(root + "/list/a");
    assertThat(io.exists(root + "/list/a")).isFalse();
    assertThatThrownBy(() -> io.delete(root + "/list/sub"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot delete checkpoint file " + root + "/list/sub: ");
    assertThat(io.exists(root + "/list/sub/c")).isTrue();
    assertThatThrownBy(() -> io.open(root + "/list/a"))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageStartingWith("Cannot open checkpoint file " + root + "/list/a: ");
  }

  @Test
  void takesPathsWithoutSchemeFromTheDefaultFileSystem() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("fs.defaultFS", root);
    try (CheckpointIO.PendingFile file = new HadoopCheckpointIO(configuration).create("/plain/f")) {
      file.commit();
    }
    assertThat(cluster.names("/plain")).containsExactly("f");
  }

  private static List<PrivilegedExceptionAction<Object>> writes(String path) {
    return List.of(
        () -> io.create(path),
        () -> {
          io.checkWritable(path);
          return null;
        });
  }

  private static void write(String path, String content) throws IOException {
    try (CheckpointIO.PendingFile file = io.create(path)) {
      file.stream().write(content.getBytes(StandardCharsets.UTF_8));
      file.commit();
    }
  }

  private static String read(String path) {
    try (InputStream in = io.open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
