package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.accelerators.GpuTest;
import io.fabric4j.benchmark.CollectiveSums;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.CudaRuntime;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A communicator of one rank on a real GPU. */
@GpuTest
class NcclGpuTest {
  private static final Device GPU = Device.gpu(0);

  private static ProcessGroup group;
  private static NDManager manager;

  @BeforeAll
  static void open() {
    group = NcclProcessGroup.create(new SingleProcessGroup(), GPU);
    manager = NDManager.newBaseManager(GPU, "PyTorch");
  }

  @AfterAll
  static void close() {
    group.close();
    manager.close();
  }

  private static NDArray values(DataType type, Shape shape) {
    try (NDArray numbers = manager.arange((float) shape.size()).reshape(shape)) {
      return Casts.toType(numbers, type).duplicate();
    }
  }

  private static double[] read(NDArray array) {
    try (NDArray doubles = Casts.toType(array, DataType.FLOAT64).toDevice(Device.cpu(), true)) {
      return doubles.toDoubleArray();
    }
  }

  @ParameterizedTest
  @FieldSource("io.fabric4j.benchmark.CollectiveSums#TYPES")
  void everyCollectiveKeepsTheValuesOfEveryType(DataType type) {
    new CollectiveSums(group, manager, type).check();
  }

  @Test
  void collectivesFollowTheKernelsBeforeThemAndPrecedeThoseAfter() {
    NDArray array = group.allocate(manager, new Shape(1 << 22), DataType.FLOAT32);
    for (int i = 0; i < 200; i++) {
      array.addi(1);
      group.allReduce(array, ReduceOp.AVG).waitFor();
    }
    array.muli(2);
    assertThat(read(array)).containsOnly(400);
  }

  @Test
  void makesAndClosesGroups() {
    CudaRuntime.synchronize();
    long before = CudaRuntime.memory(GPU).free();
    for (int i = 0; i < 5; i++) {
      try (ProcessGroup sub = group.subgroup(List.of(0)).orElseThrow()) {
        NDArray array = values(DataType.FLOAT32, new Shape(1000));
        sub.allReduce(array, ReduceOp.SUM).waitFor();
        sub.barrier().waitFor();
        assertThat(read(array)[999]).isEqualTo(999);
      }
    }
    CudaRuntime.synchronize();
    assertThat(before - CudaRuntime.memory(GPU).free()).isLessThan(256L << 20);
  }
}
