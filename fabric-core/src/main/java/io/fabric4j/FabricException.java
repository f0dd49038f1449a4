package io.fabric4j;

/**
 * A failure of the environment or of other ranks: a missing native library, too few devices, a peer
 * that died. The message says what happened, why, and what to change.
 */
public class FabricException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FabricException(String message) {
    super(message);
  }

  public FabricException(String message, Throwable cause) {
    super(message, cause);
  }
}
