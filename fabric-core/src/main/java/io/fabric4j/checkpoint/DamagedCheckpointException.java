package io.fabric4j.checkpoint;

/** A file that was read is no complete checkpoint. Another one has to be loaded. */
public final class DamagedCheckpointException extends CheckpointException {
  private static final long serialVersionUID = 1L;

  public DamagedCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
