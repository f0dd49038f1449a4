package io.fabric4j.internal.torch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** libtorch's default CPU generator, which all threads of the process share. */
public final class TorchGenerator {
  private static final ReentrantLock LOCK = new ReentrantLock();

  private TorchGenerator() {}

  /** Seeds the generator of the process. */
  public static void seed(long seed) {
    LOCK.lock();
    try {
      JniUtils.setSeed(seed);
    } finally {
      LOCK.unlock();
    }
  }

  /**
   * Runs code that draws from a freshly seeded generator and puts the former state back, so that
   * the numbers drawn do not depend on other threads that come through here.
   */
  public static void withSeed(long seed, Runnable code) {
    LOCK.lock();
    try (Generator generator = new Generator(torch.getDefaultCPUGenerator());
        Tensor before = generator.get_state()) {
      JniUtils.setSeed(seed);
      try {
        code.run();
      } finally {
        generator.set_state(before);
      }
    } finally {
      LOCK.unlock();
    }
  }

  /** Returns the state of the generator. */
  public static byte[] state() {
    LOCK.lock();
    try (Generator generator = new Generator(torch.getDefaultCPUGenerator());
        FlatTensor state = FlatTensor.take(generator.get_state())) {
      byte[] bytes = new byte[Math.toIntExact(state.length())];
      state.bytes(0, bytes.length).get(bytes);
      return bytes;
    } finally {
      LOCK.unlock();
    }
  }

  /** Puts a state back that {@link #state} returned. */
  public static void restore(byte[] bytes) {
    LOCK.lock();
    try (Generator generator = new Generator(torch.getDefaultCPUGenerator());
        FlatTensor state = FlatTensor.take(generator.get_state())) {
      if (bytes.length != state.length()) {
        throw new IllegalArgumentException(
            "A generator state of "
                + bytes.length
                + " bytes was made by another version of PyTorch; this one has "
                + state.length()
                + " bytes. Seed the generator instead.");
      }
      state.bytes(0, bytes.length).put(bytes);
      generator.set_state(state.tensor());
    } finally {
      LOCK.unlock();
    }
  }
}
