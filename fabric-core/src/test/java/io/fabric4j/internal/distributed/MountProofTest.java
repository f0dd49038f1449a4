package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountProofTest {
  @TempDir private Path folder;

  private Path file(String name, Duration age) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void isSeenInItsFolderOnly(@TempDir Path other) throws IOException {
    MountProof proof = MountProof.create(folder);
    assertThat(proof.isVisibleIn(folder)).isTrue();
    assertThat(proof.isVisibleIn(other)).isFalse();
    proof.delete();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void sweepsWhatKilledRanksLeftLongAgo() throws IOException {
    Path old = file("fabric4j-0123456789abcdef", Duration.ofHours(25));
    Path recent = file("fabric4j-123456789abcdef0", Duration.ofHours(23));
    Path foreign = file("other", Duration.ofDays(9));
    MountProof proof = MountProof.create(folder);
    assertThat(old).doesNotExist();
    assertThat(folder)
        .isDirectoryContaining(recent::equals)
        .isDirectoryContaining(foreign::equals)
        .isDirectoryContaining(proof.file()::equals);
  }
}
