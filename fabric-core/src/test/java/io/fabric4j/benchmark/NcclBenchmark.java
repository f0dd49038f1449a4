package io.fabric4j.benchmark;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.fabric4j.Fabric;
import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.nccl.NcclProcessGroup;
import io.fabric4j.internal.torch.TorchLibrary;

/**
 * Time of an all-reduce of float32 over NCCL for 1 to W ranks, one JSON line per size. Argument: W,
 * by default as many as there are GPUs.
 */
public final class NcclBenchmark {
  private static final long MOST_BYTES = 256 << 20;

  private NcclBenchmark() {}

  public static void main(String[] args) throws Exception {
    int most = args.length > 0 ? Integer.parseInt(args[0]) : CUDAAccelerator.deviceCount();
    TorchLibrary.load();
    try (ProcessGroup group = NcclProcessGroup.create(new SingleProcessGroup(), Device.gpu(0));
        NDManager manager = NDManager.newBaseManager(Device.gpu(0), "PyTorch")) {
      AllReduceBandwidth.measure(group, manager, MOST_BYTES).forEach(System.out::println);
    }
    for (int world = 2; world <= most; world++) {
      try (Fabric fabric = Fabric.builder().accelerator("cuda").devices(world).build()) {
        fabric
            .launch(
                rank -> AllReduceBandwidth.measure(rank.processGroup(), rank.manager(), MOST_BYTES))
            .forEach(System.out::println);
      }
    }
  }
}
