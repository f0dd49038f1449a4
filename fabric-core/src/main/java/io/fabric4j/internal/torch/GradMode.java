package io.fabric4j.internal.torch;

import ai.djl.pytorch.jni.JniUtils;

/** Switches autograd recording of the calling thread and puts the former mode back on close. */
public final class GradMode implements AutoCloseable {
  private final boolean before;

  private GradMode(boolean enabled) {
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(enabled);
  }

  public static GradMode enabled() {
    return new GradMode(true);
  }

  public static GradMode disabled() {
    return new GradMode(false);
  }

  /** Switches recording on for good, so that a loss computed afterwards is recorded too. */
  public static void turnOn() {
    JniUtils.setGradMode(true);
  }

  @Override
  public void close() {
    JniUtils.setGradMode(before);
  }
}
