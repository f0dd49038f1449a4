package io.fabric4j.benchmark;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import io.fabric4j.Fabric;
import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.nccl.NcclProcessGroup;
import io.fabric4j.internal.torch.CudaRuntime;
import io.fabric4j.internal.torch.TorchLibrary;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Time of an all-reduce of float32 over NCCL for 1 to W ranks, one JSON line per size. Argument: W,
 * by default as many as there are GPUs.
 */
public final class NcclBenchmark {
  private static final int ROUNDS = 7;
  private static final int LARGEST_SHIFT = 26;

  private NcclBenchmark() {}

  public static void main(String[] args) throws Exception {
    int most = args.length > 0 ? Integer.parseInt(args[0]) : CUDAAccelerator.deviceCount();
    TorchLibrary.load();
    try (ProcessGroup group = NcclProcessGroup.create(new SingleProcessGroup(), Device.gpu(0));
        NDManager manager = NDManager.newBaseManager(Device.gpu(0), "PyTorch")) {
      measure(group, manager);
    }
    for (int world = 2; world <= most; world++) {
      try (Fabric fabric = Fabric.builder().accelerator("cuda").devices(world).build()) {
        fabric.launch(
            rank -> {
              measure(rank.processGroup(), rank.manager());
              return null;
            });
      }
    }
  }

  private static void measure(ProcessGroup group, NDManager manager) {
    for (int shift = 0; shift <= LARGEST_SHIFT; shift += 2) {
      long bytes = 4L << shift;
      try (NDArray array =
          group.allocate(manager, new Shape(bytes / Float.BYTES), DataType.FLOAT32)) {
        measure(group, array, bytes);
      }
    }
  }

  private static void measure(ProcessGroup group, NDArray array, long bytes) {
    int steps = bytes <= 1 << 20 ? 200 : 20;
    double[] times = new double[ROUNDS];
    double[] launches = new double[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
      group.barrier().waitFor();
      CudaRuntime.synchronize();
      long start = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        group.allReduce(array, ReduceOp.SUM).waitFor();
      }
      double launch = (System.nanoTime() - start) / 1e3 / steps;
      CudaRuntime.synchronize();
      if (round >= 0) {
        launches[round] = launch;
        times[round] = (System.nanoTime() - start) / 1e3 / steps;
      }
    }
    if (group.rank() == 0) {
      print(group.size(), bytes, median(times), median(launches));
    }
  }

  private static void print(int world, long bytes, double us, double launch) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("side", "fabric4j");
    line.put("collective", "allreduce");
    line.put("world", world);
    line.put("bytes", bytes);
    line.put("us", us);
    line.put("launch_us", launch);
    line.put("bus_gb_s", bytes / us * 2 * (world - 1) / world / 1e3);
    System.out.println(new Gson().toJson(line));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return Math.round(values[values.length / 2] * 100) / 100.0;
  }
}
