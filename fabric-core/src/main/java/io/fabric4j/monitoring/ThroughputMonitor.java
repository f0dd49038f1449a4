package io.fabric4j.monitoring;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import io.fabric4j.Fabric;
import io.fabric4j.internal.torch.CudaRuntime;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Computes the speed of a run on rank 0 and logs it. Ranks may call it independently; on the others
 * it does nothing. See {@link Throughput} for what is measured.
 */
public final class ThroughputMonitor {
  /** Where metrics go. */
  @FunctionalInterface
  public interface MetricsLogger {

    /** Logs the metrics of a step. */
    void log(Map<String, Double> metrics, long step);
  }

  private static final String MEMORY = "device/memory_bytes";

  private final Device device;
  private final boolean active;
  private final Throughput throughput;
  private final MetricsLogger logger;
  private long step = -1;

  /**
   * Creates a monitor for the ranks of a Fabric.
   *
   * @param throughput the settings; the number of ranks is set to the Fabric's
   * @param logger called on rank 0
   * @throws IllegalStateException if the Fabric has not been launched
   */
  public ThroughputMonitor(Fabric fabric, Throughput.Builder throughput, MetricsLogger logger) {
    this.throughput = throughput.worldSize(fabric.processGroup().size()).build();
    this.logger = requireNonNull(logger, "logger is null");
    active = fabric.isGlobalZero();
    device = fabric.device();
  }

  /** Adds a batch on rank 0; see {@link Throughput#update}. */
  public void update(Progress progress) {
    if (active) {
      throughput.update(progress);
    }
  }

  /**
   * Returns the metrics of {@link Throughput#compute} and, on a GPU, the bytes of its memory that
   * are taken, as {@code device/memory_bytes}; none on other ranks than 0.
   */
  public Map<String, Double> compute() {
    if (!active) {
      return Map.of();
    }
    Map<String, Double> metrics = new LinkedHashMap<>(throughput.compute());
    if (device.isGpu()) {
      CudaRuntime.Memory memory = CudaRuntime.memory(device);
      metrics.put(MEMORY, (double) (memory.total() - memory.free()));
    }
    return metrics;
  }

  /** Logs the metrics as the next step: 0 at first, then the last one plus 1. */
  public Map<String, Double> computeAndLog() {
    return computeAndLog(step + 1);
  }

  /** Logs and returns the metrics of a step; returns none on other ranks than 0. */
  public Map<String, Double> computeAndLog(long step) {
    Map<String, Double> metrics = compute();
    if (active) {
      this.step = step;
      logger.log(metrics, step);
    }
    return metrics;
  }

  /** Empties the window; steps count on. */
  public void reset() {
    throughput.reset();
  }
}
