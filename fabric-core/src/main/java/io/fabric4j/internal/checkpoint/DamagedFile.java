package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.DamagedCheckpointException;

/** Words what is wrong with a file that was read. */
final class DamagedFile {
  private static final int MAX_NAME = 100;

  private DamagedFile() {}

  static CheckpointException of(String path, String what, Object... values) {
    return causedBy(null, path, what, values);
  }

  static CheckpointException causedBy(Exception cause, String path, String what, Object... values) {
    return new DamagedCheckpointException(message(path, what, values), cause);
  }

  /** Quotes a text of the file, which may be of any length and hold any character. */
  static String quote(String text) {
    String shown = text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME) + "...";
    return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
  }

  private static String message(String path, String what, Object... values) {
    return ("Cannot read checkpoint %s: %s. The file is damaged, incomplete or no checkpoint (or it"
            + " was replaced while it was read); load another one.")
        .formatted(path, what.formatted(values));
  }
}
