package io.fabric4j.spark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectStoreCheckpointTest {
  private final CheckpointIO io = new HadoopCheckpointIO(ObjectStoreFileSystem.configuration());
  private Set<Path> spools;
  @TempDir private Path folder;

  @BeforeEach
  void rememberSpools() throws IOException {
    spools = spools();
  }

  @AfterEach
  void leavesNoSpool() throws IOException {
    assertThat(spools()).isEqualTo(spools);
  }

  @ParameterizedTest
  @ValueSource(strings = {"objstore", "plainstore"})
  void publishesAndReplacesOnCommit(String scheme) throws IOException {
    String path = scheme + ":" + folder.resolve("run/f");
    for (String content : new String[] {"one", "two"}) {
      try (CheckpointIO.PendingFile file = io.create(path)) {
        try (var stream = file.stream()) {
          stream.write(content.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(io.exists(path)).isEqualTo(content.equals("two"));
        file.commit();
      }
      assertThat(folder.resolve("run/f")).hasContent(content);
    }
    try (InputStream in = io.open(path)) {
      assertThat(in).hasContent("two");
    }
    assertThat(io.length(path)).isEqualTo(3);
    assertThat(io.list(scheme + ":" + folder.resolve("run")))
        .containsExactly(scheme + ":" + folder.resolve("run/f"));
    io.delete(path);
    io.delete(path);
    assertThat(io.exists(path)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"objstore", "plainstore"})
  void keepsTheOlderObjectWithoutCommit(String scheme) throws IOException {
    Path older = Files.writeString(folder.resolve("f"), "older");
    try (CheckpointIO.PendingFile file = io.create(scheme + ":" + older)) {
      file.stream().write(7);
    }
    assertThat(older).hasContent("older");
    try (CheckpointIO.PendingFile file = io.create(scheme + ":" + folder.resolve("new"))) {
      file.stream().write(7);
    }
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"objstore", "plainstore"})
  void keepsTheOlderObjectWhenTheUploadFails(String scheme) throws IOException {
    Path older = Files.writeString(folder.resolve("refused"), "older");
    String path = scheme + ":" + older;
    assertThatThrownBy(
            () -> {
              try (CheckpointIO.PendingFile file = io.create(path)) {
                file.stream().write(7);
                file.commit();
              }
            })
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "Cannot commit checkpoint file %s: IOException: 503 Slow Down.".formatted(path)
                + (" Check that the storage can be reached and lets user '%s' read and write %s, or"
                        + " use another path.")
                    .formatted(System.getProperty("user.name"), scheme + ":" + folder));
    assertThat(older).hasContent("older");
  }

  @ParameterizedTest
  @ValueSource(strings = {"objstore", "plainstore"})
  void checksThatItCanWrite(String scheme) throws IOException {
    io.checkWritable(scheme + ":" + folder.resolve("run/f"));
    assertThat(folder.resolve("run")).isEmptyDirectory();
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> io.checkWritable(scheme + ":" + file.resolve("f")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "Cannot create checkpoint file %s:%s: ".formatted(scheme, file.resolve("f")));
    assertThatThrownBy(() -> io.checkWritable(scheme + ":" + folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Is a directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"objstore", "plainstore"})
  void namesMissingObjectsAndWrongFolders(String scheme) throws IOException {
    String path = scheme + ":" + folder.resolve("none");
    assertThatThrownBy(() -> io.open(path))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage(
            "Cannot open checkpoint file "
                + path
                + ": it does not exist or is a folder. Check the path.");
    assertThatThrownBy(() -> io.length(path)).isInstanceOf(FileNotFoundException.class);
    assertThat(io.list(path)).isEmpty();
    String file = scheme + ":" + Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> io.list(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Is not a directory");
  }

  private static Set<Path> spools() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".spool"))
          .collect(Collectors.toSet());
    }
  }
}
