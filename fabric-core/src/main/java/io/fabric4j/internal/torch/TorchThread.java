package io.fabric4j.internal.torch;

import ai.djl.pytorch.jni.JniUtils;
import org.bytedeco.pytorch.Context;

/**
 * libtorch's settings of the calling thread during the code of one rank, put back on close. Threads
 * are pooled, and a new thread starts with autograd on while the one that loaded DJL has it off.
 */
public final class TorchThread implements AutoCloseable {
  private final boolean gradMode = JniUtils.isGradMode();
  private final int threads = JniUtils.getNumThreads();

  private final boolean flushDenormals;

  private TorchThread(boolean flushDenormals) {
    this.flushDenormals = flushDenormals;
  }

  /**
   * Prepares the calling thread for training.
   *
   * @param intraOpThreads threads that one native operation may use
   * @param flushDenormals whether denormal numbers count as zero
   */
  public static TorchThread enter(int intraOpThreads, boolean flushDenormals) {
    TorchThread thread = new TorchThread(flushDenormals);
    if (flushDenormals) {
      Context.setFlushDenormal(true);
    }
    JniUtils.setGradMode(true);
    JniUtils.setNumThreads(intraOpThreads);
    return thread;
  }

  @Override
  public void close() {
    JniUtils.setGradMode(gradMode);
    JniUtils.setNumThreads(threads);
    if (flushDenormals) {
      Context.setFlushDenormal(false);
    }
  }
}
