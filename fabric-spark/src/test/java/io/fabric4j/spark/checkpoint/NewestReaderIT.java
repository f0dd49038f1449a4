package io.fabric4j.spark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.Fabric;
import io.fabric4j.RunOptions;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many checkpoints, of which two are kept, and a reader that always loads the newest. */
@Timeout(300)
class NewestReaderIT {
  @TempDir private Path folder;
  private long saves = 100;

  @ParameterizedTest
  @ValueSource(strings = {"file", "objstore", "plainstore", "hdfs"})
  void neverFailsAndNeverSeesAHalf(String scheme) throws Exception {
    if (scheme.equals("hdfs")) {
      try (MiniHdfs cluster = new MiniHdfs(folder, 2, Map.of())) {
        check(cluster.io(), cluster.root() + "/runs", scheme);
      }
    } else {
      check(
          new HadoopCheckpointIO(ObjectStoreFileSystem.configuration()),
          scheme + ":" + folder,
          scheme);
    }
  }

  @ParameterizedTest
  @Tag("long")
  @ValueSource(strings = {"file", "objstore", "plainstore", "hdfs"})
  void neverFailsInAThousandSaves(String scheme) throws Exception {
    saves = 1000;
    neverFailsAndNeverSeesAHalf(scheme);
  }

  private void check(CheckpointIO io, String directory, String scheme) throws Exception {
    RunOptions options = RunOptions.of(directory, "run").everySteps(1).keepLast(2);
    long start = System.nanoTime();
    CompletableFuture<Long> reader =
        CompletableFuture.supplyAsync(() -> read(io, options.folder()));
    CountingRun.run(io, options, saves, step -> assertThat(reader).isNotCompletedExceptionally());
    long reads = reader.get(60, TimeUnit.SECONDS);
    System.out.printf(
        "%s: %d saves and %d reads in %.1f s%n",
        scheme, saves, reads, (System.nanoTime() - start) / 1e9);
    assertThat(reads).isGreaterThan(10);
  }

  /** Reads until the last checkpoint and returns how often. */
  private long read(CheckpointIO io, String folder) {
    long last = saves;
    try {
      return CountingRun.onStorage(io, null, fabric -> read(fabric, folder, last));
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private static long read(Fabric fabric, String folder, long last) throws IOException {
    long reads = 0;
    for (long step = 0; step < last; ) {
      long newest = newest(fabric, folder, step);
      assertThat(newest).isGreaterThanOrEqualTo(step);
      step = newest;
      reads++;
    }
    return reads;
  }

  private static long newest(Fabric fabric, String folder, long before) throws IOException {
    try {
      return CountingRun.newest(fabric, folder);
    } catch (FileNotFoundException e) {
      assertThat(before).as("a checkpoint was there: " + e.getMessage()).isZero();
      return 0; // the first one is not written yet
    }
  }
}
