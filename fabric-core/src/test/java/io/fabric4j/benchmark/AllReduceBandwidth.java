package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.CudaRuntime;
import java.util.ArrayList;
import java.util.List;

/** Time of an all-reduce of float32, as one JSON line per size. */
final class AllReduceBandwidth {
  private static final int ROUNDS = 7;

  private AllReduceBandwidth() {}

  /**
   * Measures sizes from 4 bytes, each four times the one before. All ranks must call this.
   *
   * @param manager creates arrays on the rank's device
   * @return equal lines on no two ranks, since each has its own clock
   */
  static List<String> measure(ProcessGroup group, NDManager manager, long mostBytes) {
    List<String> lines = new ArrayList<>();
    for (long bytes = Float.BYTES; bytes <= mostBytes; bytes *= 4) {
      try (NDArray array =
          group.allocate(manager, new Shape(bytes / Float.BYTES), DataType.FLOAT32)) {
        lines.add(measure(group, array, bytes));
      }
    }
    return lines;
  }

  private static String measure(ProcessGroup group, NDArray array, long bytes) {
    int steps = bytes <= 1 << 20 ? 200 : 20;
    double[] times = new double[ROUNDS];
    double[] launches = new double[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
      group.barrier().waitFor();
      synchronize(array);
      long start = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        group.allReduce(array, ReduceOp.SUM).waitFor();
      }
      double launch = (System.nanoTime() - start) / 1e3 / steps;
      synchronize(array);
      if (round >= 0) {
        launches[round] = launch;
        times[round] = (System.nanoTime() - start) / 1e3 / steps;
      }
    }
    double us = Results.median(times);
    return Results.line(
        "side",
        "fabric4j",
        "collective",
        "allreduce",
        "world",
        group.size(),
        "bytes",
        bytes,
        "us",
        us,
        "launch_us",
        Results.median(launches),
        "bus_gb_s",
        bytes / us * 2 * (group.size() - 1) / group.size() / 1e3);
  }

  private static void synchronize(NDArray array) {
    if (array.getDevice().isGpu()) {
      CudaRuntime.synchronize();
    }
  }
}
