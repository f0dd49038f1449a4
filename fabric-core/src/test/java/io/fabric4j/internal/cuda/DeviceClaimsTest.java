package io.fabric4j.internal.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.fabric4j.FabricException;
import io.fabric4j.Launch;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.cuda.DeviceClaims.Claim;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceClaimsTest {
  private static final CudaHost HOST =
      new CudaHost(new CudaDriver(12040, GpuAddressTest.DEVICES, ""), null, () -> null);

  @Test
  void acceptsAGpuForEachRankOrTheCpuForAll() {
    assertThatCode(
            () ->
                DeviceClaims.check(List.of(new Claim(0, "a", "GPU-1"), new Claim(1, "a", "GPU-2"))))
        .doesNotThrowAnyException();
    assertThatCode(() -> DeviceClaims.check(List.of(new Claim(0, "a", ""), new Claim(1, "a", ""))))
        .doesNotThrowAnyException();
  }

  @Test
  void namesRanksThatChoseTheSameGpu() {
    List<String> messages =
        Launch.onRanks(
            3,
            fabric -> {
              RankInfo rank = RankInfo.of(fabric.globalRank(), Collections.nCopies(3, "worker"));
              Device gpu = Device.gpu(fabric.globalRank() % 2);
              try {
                DeviceClaims.check(rank, gpu, HOST, fabric.processGroup());
                return "none";
              } catch (FabricException e) {
                return e.getMessage();
              }
            });

    assertThat(messages)
        .containsOnly(
            "Two ranks would use one GPU: rank 0 on worker and rank 2 on worker were both"
                + " given GPU-5a0c4c1e-1111-2222-3333-444455556666. Each rank needs its own. Set"
                + " spark.executor.resource.gpu.amount to the GPUs of an executor and"
                + " spark.task.resource.gpu.amount to 1, let each executor's discovery script report"
                + " only GPUs that no other executor has, and without Spark's GPU scheduling run one"
                + " executor per host.");
  }

  @Test
  void namesARankWithoutGpu() {
    String expected =
        "The ranks do not agree on a device: rank 1 on b uses GPU-1, rank 0 on a has no GPU that it"
            + " can use. Choose the accelerator 'cpu' for all, or 'cuda' to see why it has none.";
    assertThatThrownBy(
            () -> DeviceClaims.check(List.of(new Claim(0, "a", ""), new Claim(1, "b", "GPU-1"))))
        .isInstanceOf(FabricException.class)
        .hasMessage(expected);
    assertThatThrownBy(
            () -> DeviceClaims.check(List.of(new Claim(1, "b", "GPU-1"), new Claim(0, "a", ""))))
        .hasMessage(expected);
  }
}
