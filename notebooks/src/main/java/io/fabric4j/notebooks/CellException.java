package io.fabric4j.notebooks;

/** A cell that does not compile, or threw; the message is what its author reads. */
final class CellException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CellException(String message) {
    super(message);
  }
}
