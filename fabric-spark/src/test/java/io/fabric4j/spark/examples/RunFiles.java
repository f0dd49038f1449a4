package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.checkpoint.SafetensorsReader;
import io.fabric4j.internal.checkpoint.TensorInfo;
import io.fabric4j.internal.run.CheckpointName;
import io.fabric4j.internal.run.RunFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at the files of a run from outside. */
final class RunFiles {
  private final Path path;
  private final RunFolder folder;

  RunFiles(Path path) {
    this.path = path;
    folder = new RunFolder(new LocalCheckpointIO(), path.toString());
  }

  /** Returns the step of the newest checkpoint, -1 if there is none. */
  long step() throws IOException {
    return folder.checkpoints().stream().findFirst().map(CheckpointName::step).orElse(-1L);
  }

  /** Waits until there is a checkpoint of a step or a later one. */
  void awaitStep(long step, SparkProcess process) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
    while (step() < step) {
      assertThat(process.isAlive()).as(process.output()).isTrue();
      assertThat(System.nanoTime()).as("no checkpoint of step %s", step).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** Returns the bytes of all tensors of the newest checkpoint: weights, moments, generators. */
  Map<String, ByteBuffer> tensors() throws IOException {
    String file = folder.file(folder.newest().orElseThrow());
    Map<String, ByteBuffer> tensors = new TreeMap<>();
    try (SafetensorsReader reader = new SafetensorsReader(new LocalCheckpointIO(), file)) {
      for (TensorInfo tensor : reader.tensors()) {
        tensors.put(tensor.name(), reader.read(tensor));
      }
    }
    return tensors;
  }

  Set<String> names() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
