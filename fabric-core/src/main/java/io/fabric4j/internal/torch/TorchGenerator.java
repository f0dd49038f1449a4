package io.fabric4j.internal.torch;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** libtorch's default generator of one device, which all threads of the process share. */
public final class TorchGenerator {
  private static final ReentrantLock LOCK = new ReentrantLock();

  private final Device device;

  private TorchGenerator(Device device) {
    this.device = device;
  }

  /** Returns the generator that random operations on a device draw from. */
  public static TorchGenerator of(Device device) {
    return new TorchGenerator(device);
  }

  /** Returns the generators of a rank: the CPU's and, on a GPU, the device's. */
  public static List<TorchGenerator> ofRank(Device device) {
    List<TorchGenerator> generators = new ArrayList<>(List.of(of(Device.cpu())));
    if (device.isGpu()) {
      generators.add(of(device));
    }
    return generators;
  }

  /** Seeds the generators of all devices. */
  public static void seed(long seed) {
    LOCK.lock();
    try {
      JniUtils.setSeed(seed);
    } finally {
      LOCK.unlock();
    }
  }

  /**
   * Runs code that draws from a rank's freshly seeded generators and puts their former states back,
   * so that the numbers drawn do not depend on other threads that come through here.
   */
  public static void withSeed(long seed, Device device, Runnable code) {
    List<TorchGenerator> generators = ofRank(device);
    LOCK.lock();
    try {
      List<byte[]> before = generators.stream().map(TorchGenerator::state).toList();
      generators.forEach(generator -> generator.setSeed(seed));
      try {
        code.run();
      } finally {
        for (int i = 0; i < before.size(); i++) {
          generators.get(i).restore(before.get(i));
        }
      }
    } finally {
      LOCK.unlock();
    }
  }

  private void setSeed(long seed) {
    try (Generator generator = open()) {
      generator.set_current_seed(seed);
    }
  }

  /** Returns {@code rng} for the CPU, {@code rng_cuda} for a GPU. */
  public String name() {
    return device.isGpu() ? "rng_cuda" : "rng";
  }

  /** Returns the state of the generator. */
  public byte[] state() {
    LOCK.lock();
    try (Generator generator = open();
        FlatTensor state = FlatTensor.take(generator.get_state())) {
      byte[] bytes = new byte[Math.toIntExact(state.length())];
      state.bytes(0, bytes.length).get(bytes);
      return bytes;
    } finally {
      LOCK.unlock();
    }
  }

  /** Puts a state back that {@link #state} returned. */
  public void restore(byte[] bytes) {
    LOCK.lock();
    try (Generator generator = open();
        Tensor current = generator.get_state();
        FlatTensor state = FlatTensor.take(current.clone())) {
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

  private Generator open() {
    if (!device.isGpu()) {
      return new Generator(torch.getDefaultCPUGenerator());
    }
    try (org.bytedeco.pytorch.Device cuda =
        new org.bytedeco.pytorch.Device(torch.DeviceType.CUDA.value, (byte) device.getDeviceId())) {
      return new Generator(torch.globalContext().defaultGenerator(cuda));
    }
  }
}
