package io.fabric4j;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.engine.Engine;

/** Whether tests that need a GPU can run. */
public final class GpuPresence {
  private static final String REASON = "skipped: DJL's PyTorch engine sees no GPU";

  private GpuPresence() {}

  /** Ends a test that cannot, and says why. */
  public static void assume() {
    boolean present = Engine.getEngine("PyTorch").getGpuCount() > 0;
    if (!present) {
      System.out.println(REASON);
    }
    assumeTrue(present, REASON);
  }
}
