package io.fabric4j.monitoring;

/** The loss of a batch jumped, on this rank or another one. */
public final class TrainingSpikeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long batchIndex;

  TrainingSpikeException(long batchIndex) {
    super("Training spike detected in batch " + batchIndex);
    this.batchIndex = batchIndex;
  }

  /** Returns the batch whose loss jumped. */
  public long batchIndex() {
    return batchIndex;
  }
}
