package io.fabric4j.checkpoint;

import java.io.IOException;

/**
 * A checkpoint cannot be written or read: its storage refuses, or the file is damaged. The message
 * names the path, what was found, and what to change.
 */
public class CheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
