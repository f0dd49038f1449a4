package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.io.OutputStream;

/** A pending file that is written to one place and published from there, once. */
public abstract class StagedFile implements CheckpointIO.PendingFile {
  private final String path;
  private final PendingStream stream;
  private boolean done;

  /**
   * @param path the path to publish at, named in messages
   * @param out the stream to the place, which {@code publish} or {@code discard} closes
   */
  protected StagedFile(String path, OutputStream out) {
    this.path = path;
    stream = new PendingStream(out, path);
  }

  /** Makes what was written durable and visible at the path. */
  protected abstract void publish() throws IOException;

  /** Removes what was written; also called when publishing failed. */
  protected abstract void discard() throws IOException;

  @Override
  public final OutputStream stream() {
    return stream;
  }

  @Override
  public final void commit() throws IOException {
    if (done) {
      throw new IllegalStateException(
          "The checkpoint file " + path + " is already committed or closed. Create it again.");
    }
    stream.flush();
    publish();
    done = true;
  }

  @Override
  public final void close() throws IOException {
    if (!done) {
      done = true;
      discard();
    }
  }
}
