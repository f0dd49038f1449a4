package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.accelerators.GpuTest;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.nccl.NcclProcessGroup;
import io.fabric4j.optim.AdamW;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strategies of several ranks, on one GPU over NCCL. */
@GpuTest
class GpuLaunchTest {
  private static final Loss LOSS = Loss.l2Loss();

  private static List<Float> train(String strategy, ProcessGroup group) throws Exception {
    FabricOptions options =
        Fabric.builder().accelerator("cuda").strategy(strategy).threads(1).options();
    return RankRunner.run(
        options,
        RankInfo.single(),
        group,
        new LocalCheckpointIO(),
        System.out::println,
        GpuLaunchTest::loop);
  }

  private static List<Float> loop(Fabric fabric) {
    fabric.seedEverything(3);
    Block block = Linear.builder().setUnits(4).build();
    FabricSetup setup =
        fabric.setup(block, new Shape(8, 5), AdamW.builder().learningRate(1e-2).build());
    List<Float> losses = new ArrayList<>();
    for (int step = 0; step < 20; step++) {
      try (NDManager scope = fabric.manager().newSubManager()) {
        NDArray data = scope.arange(40f).reshape(8, 5).div(40);
        NDArray labels = scope.ones(new Shape(8, 4), DataType.FLOAT32);
        setup.optimizer().zeroGrad();
        NDArray loss = LOSS.evaluate(new NDList(labels), setup.block().forward(new NDList(data)));
        fabric.backward(loss);
        setup.optimizer().step();
        losses.add(fabric.allReduce(loss.getFloat()));
      }
    }
    assertThat(fabric.explain())
        .contains(
            fabric.processGroup().transport().equals("nccl")
                ? "gradients are combined over the ranks, in NCCL's order"
                : "nothing is communicated");
    return losses;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ddp", "zero_stage_1", "zero_stage_2"})
  void trainsOverNcclAsOnASingleDevice(String strategy) throws Exception {
    List<Float> expected = train("single_device", new SingleProcessGroup());
    try (ProcessGroup group = NcclProcessGroup.create(new SingleProcessGroup(), Device.gpu(0))) {
      assertThat(train(strategy, group)).isEqualTo(expected);
    }
  }
}
