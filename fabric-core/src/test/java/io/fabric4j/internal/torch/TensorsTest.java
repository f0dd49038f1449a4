package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorsTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void borrowsWithoutOwning() {
    NDArray array = manager.create(new float[] {1, 2});
    Tensor tensor = Tensors.borrow(array);
    assertThat(tensor.numel()).isEqualTo(2);
    tensor.close();
    assertThat(array.toFloatArray()).containsExactly(1, 2);
  }

  @Test
  void givesTensorsAway() {
    NDArray array;
    try (Tensor source = Tensors.borrow(manager.create(new float[] {1, 2}))) {
      Tensor copy = source.clone();
      array = Tensors.give(manager, copy);
      assertThat(copy.isNull()).isTrue();
    }
    assertThat(array.toFloatArray()).containsExactly(1, 2);
    assertThat(array.getManager()).isSameAs(manager);
  }

  @Test
  void rejectsNull() {
    assertThatThrownBy(() -> Tensors.borrow(null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "An array of DJL's PyTorch engine is needed, got null. Create arrays with an"
                + " NDManager of the PyTorch engine.");
  }

  @Test
  void rejectsArraysOfAnotherEngine() {
    NDArray foreign = new ForeignArray(manager);
    assertThatThrownBy(() -> Tensors.borrow(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "An array of DJL's PyTorch engine is needed, got "
                + ForeignArray.class.getName()
                + ". Create arrays with an NDManager of the PyTorch engine.");
  }

  @Test
  void rejectsClosedArrays() {
    NDArray array = manager.create(1f);
    String uid = array.getUid();
    array.close();
    assertThat(Tensors.isOpen(array)).isFalse();
    assertThatThrownBy(() -> Tensors.borrow(array))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The array " + uid + " has been closed. Use it before its NDManager closes.");
  }

  @Test
  void rejectsArraysWhoseManagerHasClosed() {
    NDArray array;
    try (NDManager inner = manager.newSubManager()) {
      array = inner.create(1f);
    }
    assertThatThrownBy(() -> Tensors.borrow(array))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has been closed");
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"STRING", "COMPLEX64", "UINT64", "UNKNOWN"})
  void rejectsTypesWithoutACounterpart(DataType type) {
    assertThatThrownBy(() -> Tensors.scalarType(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Data type " + type + " is not supported. Supported: [")
        .hasMessageContaining("float32, float64");
  }

  @Test
  void rejectsNativeTypesWithoutACounterpart() {
    try (Tensor source = Tensors.borrow(manager.create(1f));
        Tensor complex = source.to(ScalarType.ComplexFloat)) {
      assertThatThrownBy(() -> Tensors.dataType(complex))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Tensors of type ComplexFloat are not supported.");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "FLOAT64", "FLOAT16", "UINT8", "INT8", "INT32", "INT64", "BOOLEAN"})
  void namesTypesAsDjlDoes(DataType type) {
    NDArray array = manager.zeros(new Shape(2), type);
    assertThat(Tensors.dataType(Tensors.borrow(array))).isEqualTo(type);
  }

  /** An array that no native tensor stands behind. */
  private static final class ForeignArray extends NDArrayAdapter {
    ForeignArray(NDManager manager) {
      super(manager, manager, new Shape(1), DataType.FLOAT32, UUID.randomUUID().toString());
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void intern(NDArray replaced) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void detach() {}
  }
}
