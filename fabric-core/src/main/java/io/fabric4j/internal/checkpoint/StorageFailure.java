package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointException;
import java.io.IOException;

/** Words the failure of a storage operation. */
public final class StorageFailure {
  private StorageFailure() {}

  /**
   * Returns an exception that says: Cannot {@code operation} {@code path}: cause. Remedy.
   *
   * @param remedy a sentence on what to check or change
   */
  public static CheckpointException of(
      String operation, String path, IOException cause, String remedy) {
    String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    return new CheckpointException(
        "Cannot %s %s: %s: %s. %s"
            .formatted(operation, path, cause.getClass().getSimpleName(), reason, remedy),
        cause);
  }
}
