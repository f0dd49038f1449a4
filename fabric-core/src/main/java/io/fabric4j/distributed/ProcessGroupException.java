package io.fabric4j.distributed;

import io.fabric4j.FabricException;

/**
 * A collective could not complete: a peer closed its connection, reported an exception, stayed
 * silent, or made a different call. Every other rank of the group gets one too; the group cannot be
 * used afterwards.
 */
public final class ProcessGroupException extends FabricException {
  private static final long serialVersionUID = 1L;

  public ProcessGroupException(String message) {
    super(message);
  }

  public ProcessGroupException(String message, Throwable cause) {
    super(message, cause);
  }
}
