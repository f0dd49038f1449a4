package io.fabric4j.internal;

import ai.djl.Device;
import io.fabric4j.FabricException;
import io.fabric4j.FabricOptions;
import io.fabric4j.precision.Precision;
import io.fabric4j.strategies.DDPStrategy;
import io.fabric4j.strategies.SingleDeviceStrategy;
import io.fabric4j.strategies.Strategy;
import java.util.List;
import java.util.Locale;

/** Turns what users chose by name into objects. */
public final class Connector {
  private static final List<String> STRATEGIES = List.of("auto", "single_device", "ddp");

  private Connector() {}

  public static FabricOptions options(
      String accelerator, String strategy, String precision, int threads, boolean flushDenormals) {
    String strategyName = strategy.toLowerCase(Locale.ROOT);
    if (!STRATEGIES.contains(strategyName)) {
      throw new IllegalArgumentException(
          "Unknown strategy '" + strategy + "'. Choose one of " + STRATEGIES + ".");
    }
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads is " + threads + ", but it must be 0 (automatic) or more.");
    }
    return new FabricOptions(
        accelerator(accelerator), strategyName, Precision.of(precision), threads, flushDenormals);
  }

  private static String accelerator(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "auto", "cpu" -> "cpu";
      case "gpu", "cuda" ->
          throw new FabricException(
              "The accelerator '"
                  + name
                  + "' is not available: this build runs on CPUs. Choose 'cpu' or 'auto'.");
      default ->
          throw new IllegalArgumentException(
              "Unknown accelerator '" + name + "'. Choose 'cpu' or 'auto'.");
    };
  }

  public static int devices(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "devices is " + count + ", but at least 1 device is needed.");
    }
    return count;
  }

  public static Device device(String accelerator) {
    return Device.cpu();
  }

  public static Strategy strategy(String name, int worldSize) {
    if (name.equals("single_device") && worldSize > 1) {
      throw new IllegalArgumentException(
          "Strategy 'single_device' trains on one device, but "
              + worldSize
              + " were chosen. Choose 'ddp' or 'auto', or one device.");
    }
    boolean single = name.equals("single_device") || (name.equals("auto") && worldSize == 1);
    return single ? new SingleDeviceStrategy() : new DDPStrategy();
  }
}
