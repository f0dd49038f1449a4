package io.fabric4j.spark.internal.doctor;

import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.checkpoint.TemporaryName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Does with a small file in the folder of checkpoints what a save and a load do. */
final class CheckpointProbe {
  private static final byte[] CONTENT = "fabric".getBytes(StandardCharsets.UTF_8);

  private CheckpointProbe() {}

  /**
   * Writes, syncs, renames, reads and deletes a file.
   *
   * @return what went wrong; empty if all went well
   */
  static String run(CheckpointIO storage, String folder) {
    String path = folder.replaceAll("/+$", "") + "/" + TemporaryName.create();
    try {
      write(storage, path);
      try (InputStream in = storage.open(path)) {
        byte[] read = in.readNBytes(CONTENT.length + 1);
        if (!Arrays.equals(read, CONTENT)) {
          return "Of " + path + " " + read.length + " other bytes were read than written.";
        }
      } finally {
        storage.delete(path);
      }
      return storage.exists(path) ? path + " was deleted, and it is still there." : "";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static void write(CheckpointIO storage, String path) throws IOException {
    try (CheckpointIO.PendingFile file = storage.create(path)) {
      file.stream().write(CONTENT);
      file.commit();
    }
  }
}
