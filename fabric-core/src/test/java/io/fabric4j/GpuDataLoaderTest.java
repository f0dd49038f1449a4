package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Record;
import io.fabric4j.accelerators.GpuTest;
import io.fabric4j.internal.torch.CudaRuntime;
import io.fabric4j.internal.torch.PinnedArrays;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches on their way from CPU memory to a GPU. */
@GpuTest
@Timeout(120)
class GpuDataLoaderTest {
  private Fabric fabric;

  @BeforeEach
  void open() {
    fabric = Fabric.builder().accelerator("cuda").build();
  }

  @AfterEach
  void close() {
    if (fabric != null) {
      fabric.close();
    }
  }

  /** Numbered rows that remember the managers of their batches. */
  private static final class Remembering extends NumberedRows {
    private final List<NDManager> managers = new ArrayList<>();

    Remembering(int size) {
      super(0, size);
    }

    @Override
    public synchronized Record get(NDManager manager, long index) {
      if (!managers.contains(manager)) {
        managers.add(manager);
      }
      return super.get(manager, index);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 8})
  void batchesComeOnTheDevice(int ahead) {
    Remembering rows = new Remembering(11);
    FabricDataLoader loader =
        fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(4).prefetch(ahead));
    for (int epoch = 0; epoch < 2; epoch++) {
      List<List<Integer>> numbers = new ArrayList<>();
      for (FabricBatch batch : loader) {
        for (NDArray array : List.of(batch.getData().get(0), batch.getLabels().get(0))) {
          assertThat(array.getDevice()).isEqualTo(fabric.device());
          assertThat(array.getManager()).isSameAs(batch.getManager());
          assertThat(array.add(1).getDevice()).isEqualTo(fabric.device());
        }
        assertThat(batch.getManager().getDevice()).isEqualTo(fabric.device());
        numbers.add(NumberedRows.numbers(batch));
      }
      assertThat(numbers)
          .containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9, 10));
    }
    assertThat(rows.managers).hasSize(6).noneMatch(NDManager::isOpen);
    assertThat(fabric.manager().getManagedArrays()).isEmpty();
  }

  @Test
  void preparesTwoPinnedBatchesByDefault() {
    Remembering rows = new Remembering(4);
    FabricDataLoader loader = fabric.setupDataloaders(FabricDataLoader.of(rows));
    assertThat(loader.prefetch()).isEqualTo(2);
    for (FabricBatch batch : loader) {
      NDManager host = rows.managers.get((int) batch.getProgress() - 1);
      assertThat(host.getDevice().isGpu()).isFalse();
      assertThat(host.getManagedArrays()).hasSize(2).allMatch(PinnedArrays::isPinned);
      batch.close();
      assertThat(host.isOpen()).isFalse();
    }
  }

  @Test
  void leavesBatchesInCPUMemoryOnRequest() {
    FabricDataLoader loader = FabricDataLoader.of(new NumberedRows(0, 3)).moveToDevice(false);
    for (FabricBatch batch : fabric.setupDataloaders(loader)) {
      NDArray array = batch.getData().get(0);
      assertThat(array.getDevice().isGpu()).isFalse();
      assertThat(PinnedArrays.isPinned(array)).isFalse();
      assertThat(batch.getManager().getDevice().isGpu()).isFalse();
    }
  }

  /** Rows of 4 MiB. */
  private static final class Large extends NumberedRows {
    Large() {
      super(0, 50);
    }

    @Override
    public Record get(NDManager manager, long index) {
      return new Record(new NDList(manager.full(new Shape(1 << 20), (float) index)), new NDList());
    }
  }

  /** 200 batches that are kept would take 800 MiB. */
  @Test
  void memoryStaysFlat() {
    FabricDataLoader loader = fabric.setupDataloaders(FabricDataLoader.of(new Large()));
    sum(loader);
    long before = CudaRuntime.memory(fabric.device()).free();
    for (int epoch = 0; epoch < 4; epoch++) {
      assertThat(sum(loader)).isEqualTo(50 * 49 / 2);
    }
    assertThat(before - CudaRuntime.memory(fabric.device()).free()).isLessThan(64 << 20);
    assertThat(fabric.manager().getManagedArrays()).isEmpty();
  }

  private static double sum(FabricDataLoader loader) {
    double sum = 0;
    for (FabricBatch batch : loader) {
      sum += batch.getData().get(0).max().getFloat();
    }
    return sum;
  }
}
