package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import java.time.Duration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankResourcesTest {

  @Test
  void readsTheGpusOfExecutors() {
    SparkConf conf = new SparkConf(false).set("spark.executor.resource.gpu.amount", "4");

    assertThat(RankResources.executorGpus(conf, "cuda")).isEqualTo(4);
    assertThat(RankResources.executorGpus(new SparkConf(false), "auto")).isZero();
  }

  @Test
  void rejectsCudaWhereExecutorsHaveNoGpus() {
    assertThatThrownBy(() -> RankResources.executorGpus(new SparkConf(false), "cuda"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot launch: the accelerator is 'cuda', but Spark knows of no GPUs of the executors"
                + " (spark.executor.resource.gpu.amount is not set). Start the application with"
                + " spark.executor.resource.gpu.amount=1 and"
                + " spark.executor.resource.gpu.discoveryScript (on Kubernetes also"
                + " spark.executor.resource.gpu.vendor=nvidia.com; on a standalone cluster the"
                + " workers need spark.worker.resource.gpu.amount and"
                + " spark.worker.resource.gpu.discoveryScript), or choose the accelerator 'auto' or"
                + " 'cpu'.");
  }

  @ParameterizedTest
  @CsvSource({"0, false", "0.5, false", "1, true", "2, true"})
  void asksForAWholeGpuUnlessSparksSettingsDo(String amount, boolean whole) {
    SparkConf conf = new SparkConf(false).set("spark.task.resource.gpu.amount", amount);

    assertThat(RankResources.hasWholeGpu(conf)).isEqualTo(whole);
  }

  @Test
  void tellsHowManyGpusAreMissing() {
    TaskSlots slots =
        new TaskSlots(
            2,
            0,
            2,
            1,
            "2 executors x 8 cores / spark.task.cpus=1, 1 GPU per executor and 1 per rank");

    assertThat(SlotCheck.await(4, () -> slots, Duration.ZERO).total().message())
        .isEqualTo(
            "Cannot launch 4 ranks: 2 task slots are available (2 executors x 8 cores /"
                + " spark.task.cpus=1, 1 GPU per executor and 1 per rank) and a barrier stage starts"
                + " all ranks at once. Set numWorkers to 2 or fewer, or add executors, or give them"
                + " more GPUs (spark.executor.resource.gpu.amount) and a core for each, or choose the"
                + " accelerator 'cpu'.");
  }

  @Test
  void tellsHowManyGpusOfALocalMasterAreMissing() {
    TaskSlots slots = new TaskSlots(1, 0, 0, 1, "local[4], spark.task.cpus=1, 1 GPU");

    assertThat(SlotCheck.await(2, () -> slots, Duration.ZERO).total().message())
        .isEqualTo(
            "Cannot launch 2 ranks: 1 task slot is available (local[4], spark.task.cpus=1, 1 GPU)"
                + " and a barrier stage starts all ranks at once. Set numWorkers to 1, or choose the"
                + " accelerator 'cpu'.");
  }
}
