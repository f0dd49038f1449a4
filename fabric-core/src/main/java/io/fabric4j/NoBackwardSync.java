package io.fabric4j;

/** Gradients are only accumulated until this is closed; see {@link Fabric#noBackwardSync}. */
public final class NoBackwardSync implements AutoCloseable {
  private final Runnable restore;

  NoBackwardSync(Runnable restore) {
    this.restore = restore;
  }

  /** Synchronizes again, from the next forward on. */
  @Override
  public void close() {
    restore.run();
  }
}
