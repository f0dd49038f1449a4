package io.fabric4j.internal;

import ai.djl.Device;
import io.fabric4j.FabricException;
import io.fabric4j.FabricOptions;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.cuda.CudaHost;
import io.fabric4j.internal.cuda.DeviceClaims;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the name of an accelerator into devices, on the host where the ranks run. */
public final class DeviceConnector {
  private static final Logger LOGGER = LoggerFactory.getLogger(DeviceConnector.class);
  private static final String AUTO = "auto";
  private static final String CPU = "cpu";
  private static final String CUDA = "cuda";

  private DeviceConnector() {}

  /** Returns {@code auto}, {@code cpu} or {@code cuda}; whether a host has it shows only there. */
  static String accelerator(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case AUTO -> AUTO;
      case CPU -> CPU;
      case "gpu", CUDA -> CUDA;
      default ->
          throw new IllegalArgumentException(
              "Unknown accelerator '" + name + "'. Choose 'auto', 'cpu' or 'cuda' ('gpu').");
    };
  }

  /**
   * Returns the devices of the ranks that this process launches.
   *
   * @throws IllegalArgumentException if GPUs were chosen by number for the accelerator cpu
   * @throws FabricException if there are not such GPUs
   */
  public static List<String> devices(String accelerator, DeviceChoice choice) {
    return devices(accelerator, choice, CudaHost.local());
  }

  static List<String> devices(String accelerator, DeviceChoice choice, CudaHost cuda) {
    if (accelerator.equals(CPU) && !choice.gpus().isEmpty()) {
      throw new IllegalArgumentException(
          "devices is "
              + choice.gpus()
              + ", which are GPUs, but the accelerator is 'cpu'. Give a number of devices, or choose"
              + " 'cuda'.");
    }
    boolean must = accelerator.equals(CUDA) || !choice.gpus().isEmpty();
    boolean gpus = must || (accelerator.equals(AUTO) && suffices(cuda, choice.count(), true));
    return gpus ? gpus(choice, cuda) : Collections.nCopies(Math.max(1, choice.count()), CPU);
  }

  private static List<String> gpus(DeviceChoice choice, CudaHost cuda) {
    cuda.requireUsable(RankInfo.single(), "");
    int available = cuda.devices().size();
    List<Integer> gpus = choice.gpus(available);
    if (Collections.max(gpus) >= available) {
      throw new FabricException(
          "devices is "
              + (choice.gpus().isEmpty() ? choice.count() : choice.gpus())
              + ", but "
              + cuda.seen()
              + ". Choose among these, or the accelerator 'cpu'.");
    }
    return gpus.stream().map(gpu -> CudaHost.ORDINAL + gpu).toList();
  }

  /**
   * Returns the device of a rank.
   *
   * @throws FabricException if the rank cannot have the accelerator
   */
  public static Device device(FabricOptions options, RankInfo rank) {
    return device(options, rank, CudaHost.local());
  }

  /**
   * Returns the device of a rank, and makes sure that it goes with those of the others. Every rank
   * must call this.
   *
   * @throws FabricException if the rank cannot have the accelerator, or another one has its GPU
   */
  public static Device device(FabricOptions options, RankInfo rank, ProcessGroup group) {
    CudaHost cuda = CudaHost.local();
    Device device = device(options, rank, cuda);
    if (device.isGpu()) {
      LOGGER.info("{} Uses {}", rank.prefix(), cuda.devices().get(device.getDeviceId()));
    }
    if (rank.worldSize() > 1 && !isSettled(options)) {
      DeviceClaims.check(rank, device, cuda, group);
    }
    return device;
  }

  /** The accelerator cpu, and devices dealt out within one process, leave nothing to compare. */
  private static boolean isSettled(FabricOptions options) {
    String place = place(options);
    return options.accelerator().equals(CPU)
        || place.equals(CPU)
        || place.startsWith(CudaHost.ORDINAL);
  }

  private static String place(FabricOptions options) {
    return options.devices().isEmpty() ? "" : options.devices().get(0);
  }

  static Device device(FabricOptions options, RankInfo rank, CudaHost cuda) {
    String place = place(options);
    if (options.accelerator().equals(CPU) || place.equals(CPU)) {
      return Device.cpu();
    }
    boolean must = options.accelerator().equals(CUDA) || !place.isEmpty();
    return must || suffices(cuda, rank.localWorldSize(), rank.localRank() == 0)
        ? cuda.device(rank, place)
        : Device.cpu();
  }

  /** Decides for the accelerator auto. */
  private static boolean suffices(CudaHost cuda, int ranks, boolean tell) {
    if (cuda.devices().isEmpty()) {
      return false;
    }
    String problem = cuda.problem();
    if (problem.isEmpty() && ranks > cuda.devices().size()) {
      problem = cuda.seen() + ", too few for " + ranks + " ranks.";
    }
    if (!problem.isEmpty() && tell) {
      LOGGER.warn("The accelerator 'auto' chooses the CPU: {}", problem);
    }
    return problem.isEmpty();
  }
}
