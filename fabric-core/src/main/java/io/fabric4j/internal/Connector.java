package io.fabric4j.internal;

import io.fabric4j.FabricException;
import io.fabric4j.FabricOptions;
import io.fabric4j.KernelOptions;
import io.fabric4j.precision.Precision;
import io.fabric4j.strategies.DDPStrategy;
import io.fabric4j.strategies.SingleDeviceStrategy;
import io.fabric4j.strategies.Strategy;
import io.fabric4j.strategies.ZeroStrategy;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Turns what users chose by name into objects. */
public final class Connector {
  private static final String AUTO = "auto";

  /** Strategies of Lightning Fabric that have no counterpart here. */
  private static final Set<String> NOT_PORTED =
      Set.of(
          "dp",
          "ddp_spawn",
          "ddp_fork",
          "ddp_notebook",
          "fsdp",
          "fsdp_cpu_offload",
          "deepspeed",
          "xla",
          "xla_fsdp");

  private Connector() {}

  public static FabricOptions options(
      String accelerator, String strategy, String precision, KernelOptions kernels) {
    return new FabricOptions(
        DeviceConnector.accelerator(accelerator),
        List.of(),
        named(strategy),
        Precision.of(precision),
        kernels,
        FabricOptions.Plugins.NONE,
        null);
  }

  /** Returns the plugins, checked against the other choices. */
  public static FabricOptions.Plugins plugins(FabricOptions.Plugins plugins, Precision mode) {
    if (plugins.scaler() != null && mode != Precision.MIXED_16) {
      throw new IllegalArgumentException(
          "A GradScaler was given with precision "
              + mode.id()
              + ", which does not scale the loss. Leave it out, or choose 16-mixed.");
    }
    return plugins;
  }

  /** Returns the strategy of a name, null for auto. */
  private static Strategy named(String name) {
    String key = name.toLowerCase(Locale.ROOT);
    if (key.equals(AUTO)) {
      return null;
    }
    Map<String, Strategy> known = strategies();
    if (NOT_PORTED.contains(key) || key.startsWith("deepspeed_stage_")) {
      throw new FabricException(
          "The strategy '"
              + name
              + "' of Lightning Fabric is not available here. Choose one of "
              + names(known)
              + ".");
    }
    if (!known.containsKey(key)) {
      throw new IllegalArgumentException(
          "Unknown strategy '" + name + "'. Choose one of " + names(known) + ".");
    }
    return known.get(key);
  }

  private static Map<String, Strategy> strategies() {
    Map<String, Strategy> known = new TreeMap<>();
    ServiceLoader.load(Strategy.class).forEach(strategy -> known.put(strategy.name(), strategy));
    known.put("single_device", new SingleDeviceStrategy());
    known.put("ddp", new DDPStrategy());
    known.put("ddp_find_unused_parameters_true", new DDPStrategy());
    known.put("zero", ZeroStrategy.stage2());
    known.put("zero_stage_1", ZeroStrategy.stage1());
    known.put("zero_stage_2", ZeroStrategy.stage2());
    return known;
  }

  private static Set<String> names(Map<String, Strategy> known) {
    Set<String> names = new TreeSet<>(known.keySet());
    names.add(AUTO);
    return names;
  }

  /**
   * Returns the strategy for a number of ranks.
   *
   * @param chosen null for the default
   */
  public static Strategy strategy(Strategy chosen, int worldSize) {
    if (chosen == null) {
      return worldSize == 1 ? new SingleDeviceStrategy() : new DDPStrategy();
    }
    if (!chosen.isDistributed() && worldSize > 1) {
      throw new IllegalArgumentException(
          "Strategy '"
              + chosen.name()
              + "' trains on one device, but "
              + worldSize
              + " were chosen. Choose 'ddp' or 'auto', or one device.");
    }
    return chosen;
  }
}
