package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;

/** One file in memory whose claimed length and opens a test controls. */
class MemoryCheckpointIO implements CheckpointIO {
  static final String PATH = "memory:/run/step-1.safetensors";

  private final byte[] content;
  private final long length;
  int opens;

  MemoryCheckpointIO(byte[] content) {
    this(content, content.length);
  }

  MemoryCheckpointIO(byte[] content, long length) {
    this.content = content;
    this.length = length;
  }

  @Override
  public InputStream open(String path) {
    opens++;
    return new ByteArrayInputStream(content);
  }

  @Override
  public long length(String path) {
    return length;
  }

  @Override
  public PendingFile create(String path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean exists(String path) {
    return true;
  }

  @Override
  public List<String> list(String folder) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(String path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void checkWritable(String path) {
    throw new UnsupportedOperationException();
  }
}
