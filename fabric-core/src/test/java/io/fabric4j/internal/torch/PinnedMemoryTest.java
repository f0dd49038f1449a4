package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.accelerators.GpuTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PinnedMemoryTest {
  private NDManager host;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    host = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void handsOverArraysThatAreOnTheDevice() {
    NDManager owner = host.newSubManager();
    NDArray array = host.ones(new Shape(2));
    NDList copies = PinnedMemory.copy(new NDList(array), owner);
    assertThat(copies.singletonOrThrow()).isSameAs(array);
    assertThat(array.getManager()).isSameAs(owner);
  }

  /** Arrays of several types and strides: a transposed, an expanded and an empty one. */
  private NDList various() {
    NDArray numbers = host.arange(6f).reshape(2, 3);
    numbers.setName("numbers");
    return new NDList(
        numbers,
        numbers.transpose(),
        host.ones(new Shape(1, 3)).broadcast(4, 3),
        host.create(new long[] {3, -1}),
        host.create(new boolean[] {true, false}),
        Casts.zeros(host, new Shape(2), DataType.BFLOAT16),
        host.create(new Shape(0, 3)));
  }

  @GpuTest
  @Test
  void copiesThroughPinnedMemory() {
    NDList expected = various();
    NDList arrays = various();
    List<NDArray> pageable = List.copyOf(arrays);
    PinnedMemory.pin(arrays);
    assertThat(pageable).allMatch(NDArray::isReleased);
    assertThat(arrays).filteredOn(array -> array.size() > 0).allMatch(PinnedArrays::isPinned);
    try (NDManager gpu = host.newSubManager(Device.gpu())) {
      NDList copies = PinnedMemory.copy(arrays, gpu);
      assertThat(copies).hasSameSizeAs(expected);
      assertThat(copies.get(0).getName()).isEqualTo("numbers");
      for (int i = 0; i < copies.size(); i++) {
        assertThat(copies.get(i).getDevice().isGpu()).isTrue();
        assertThat(copies.get(i).getManager()).isSameAs(gpu);
        assertThat(Casts.dataType(copies.get(i))).isEqualTo(Casts.dataType(expected.get(i)));
        assertThat(copies.get(i).getShape()).isEqualTo(expected.get(i).getShape());
        assertThat(values(copies.get(i))).isEqualTo(values(expected.get(i)));
      }
    }
  }

  private static double[] values(NDArray array) {
    NDArray doubles = Casts.toType(array, DataType.FLOAT64);
    return doubles.toDevice(Device.cpu(), false).toDoubleArray();
  }
}
