package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ReduceOp;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlatTensorTest {
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
  void sharesMemoryWithTheArray() {
    NDArray array = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
    try (FlatTensor flat = FlatTensor.of(array);
        FlatTensor tail = flat.slice(4, 2);
        FlatTensor head = flat.slice(0, 2)) {
      assertThat(flat.dataType()).isEqualTo(DataType.FLOAT32);
      assertThat(flat.length()).isEqualTo(6);
      assertThat(tail.address()).isEqualTo(flat.address() + 16);
      head.copyFrom(tail);
      tail.zero();
    }
    assertThat(array.toFloatArray()).containsExactly(5, 6, 3, 4, 0, 0);
  }

  @Test
  void worksOnParametersThatRequireGradients() {
    NDArray array = manager.create(new float[] {1, 2});
    array.setRequiresGradient(true);
    try (FlatTensor flat = FlatTensor.of(array)) {
      flat.reduce(ReduceOp.SUM, flat);
    }
    assertThat(array.toFloatArray()).containsExactly(2, 4);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16", "UINT8", "INT8", "INT32", "INT64"})
  void reducesEveryNumericType(DataType type) {
    for (ReduceOp op : ReduceOp.values()) {
      try (FlatTensor a = filled(type, 7);
          FlatTensor b = filled(type, 2)) {
        a.reduce(op, b);
        if (op == ReduceOp.AVG) {
          a.divide(2);
        }
        double average = type.isFloating() ? 4.5 : 4;
        double[] expected = {9, average, 14, 2, 7};
        assertThat(value(a)).as(type + " " + op).isEqualTo(expected[op.ordinal()]);
      }
    }
  }

  @Test
  void reducesBooleansToMinimumAndMaximum() {
    try (FlatTensor yes = filled(DataType.BOOLEAN, 1);
        FlatTensor no = filled(DataType.BOOLEAN, 0)) {
      yes.reduce(ReduceOp.MAX, no);
      assertThat(yes.bytes(0, 1).get()).isEqualTo((byte) 1);
      yes.reduce(ReduceOp.MIN, no);
      assertThat(yes.bytes(0, 1).get()).isZero();
    }
  }

  @Test
  void truncatesIntegerDivisionTowardZero() {
    NDArray array = manager.create(new int[] {-7, 7});
    try (FlatTensor flat = FlatTensor.of(array)) {
      flat.divide(2);
    }
    assertThat(array.toIntArray()).containsExactly(-3, 3);
  }

  @Test
  void exposesBytesInNativeOrder() {
    NDArray array = manager.create(new int[] {1, 2, 3});
    try (FlatTensor flat = FlatTensor.of(array)) {
      ByteBuffer bytes = flat.bytes(4, 8);
      assertThat(bytes.remaining()).isEqualTo(8);
      assertThat(bytes.getInt()).isEqualTo(2);
      bytes.putInt(30);
      assertThatThrownBy(() -> flat.bytes(8, 8))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("8 bytes at 8 of 12");
    }
    assertThat(array.toIntArray()).containsExactly(1, 2, 30);
  }

  @Test
  void reinterpretsItsBytes() {
    try (FlatTensor bytes = FlatTensor.zeros(DataType.UINT8, 64);
        FlatTensor middle = bytes.slice(8, 16);
        FlatTensor floats = middle.as(DataType.FLOAT32)) {
      assertThat(floats.length()).isEqualTo(4);
      floats.fill(1);
      assertThat(bytes.bytes(0, 64).getFloat(8)).isEqualTo(1f);
    }
  }

  @Test
  void mapsAFileThatOutlivesItsName(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("segment"), new byte[4096]);
    try (FlatTensor one = FlatTensor.mapShared(file, DataType.FLOAT32, 1024);
        FlatTensor two = FlatTensor.mapShared(file, DataType.FLOAT32, 1024)) {
      Files.delete(file);
      one.fill(3);
      NDArray array = two.toArray(manager, new Shape(32, 32));
      two.close();
      assertThat(array.getFloat(31, 31)).isEqualTo(3f);
      assertThat(array.getShape()).isEqualTo(new Shape(32, 32));
    }
  }

  @Test
  void acceptsEmptyArrays() {
    try (FlatTensor flat = FlatTensor.of(manager.zeros(new Shape(0, 3)));
        FlatTensor slice = flat.slice(0, 0)) {
      slice.reduce(ReduceOp.SUM, flat);
      assertThat(flat.length()).isZero();
      assertThat(flat.address()).isZero();
      assertThat(flat.bytes(0, 0).remaining()).isZero();
    }
  }

  @Test
  void rejectsAStridedArray() {
    NDArray strided = manager.zeros(new Shape(2, 3)).transpose();
    assertThatThrownBy(() -> FlatTensor.of(strided))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The array of shape (3, 2) is not contiguous in memory. Pass array.duplicate()"
                + " instead.");
  }

  @Test
  void rejectsAClosedArray() {
    NDArray array = manager.zeros(new Shape(1));
    array.close();
    assertThatThrownBy(() -> FlatTensor.of(array))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has been closed");
  }

  @Test
  void cpuMemoryIsItsOwnHostMemory() {
    try (FlatTensor tensor = filled(DataType.FLOAT32, 1);
        FlatTensor host = tensor.toHost()) {
      assertThat(tensor.isOnHost()).isTrue();
      assertThat(host.isOnHost()).isTrue();
      assertThat(host.address()).isEqualTo(tensor.address());
      host.fill(4);
      assertThat(value(tensor)).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "FLOAT64", "BFLOAT16", "UINT8", "INT64"})
  void newZerosHaveItsTypeAndMemoryOfTheirOwn(DataType type) {
    try (FlatTensor tensor = filled(type, 3);
        FlatTensor zeros = tensor.newZeros(5)) {
      assertThat(zeros.dataType()).isEqualTo(type);
      assertThat(zeros.length()).isEqualTo(5);
      assertThat(zeros.isOnHost()).isTrue();
      assertThat(zeros.nonZero()).containsOnly(false).hasSize(5);
      zeros.fill(1);
      assertThat(value(tensor)).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "FLOAT64", "FLOAT16", "UINT8", "INT32", "INT64"})
  void tellsWhichElementsAreNotZero(DataType type) {
    try (FlatTensor tensor = FlatTensor.zeros(type, 5);
        FlatTensor second = tensor.slice(1, 1);
        FlatTensor last = tensor.slice(4, 1)) {
      second.fill(type.isFloating() ? Double.NaN : 1);
      last.fill(type == DataType.UINT8 ? 2 : -3);
      assertThat(tensor.nonZero()).containsExactly(false, true, false, false, true);
    }
  }

  @Test
  void negativeZeroIsZero() {
    try (FlatTensor tensor = filled(DataType.FLOAT32, -0.0)) {
      assertThat(tensor.nonZero()).containsOnly(false);
    }
  }

  @Test
  void noElementIsNotZeroInAnEmptyTensor() {
    try (FlatTensor tensor = FlatTensor.zeros(DataType.FLOAT32, 0)) {
      assertThat(tensor.nonZero()).isEmpty();
    }
  }

  private static FlatTensor filled(DataType type, double value) {
    FlatTensor tensor = FlatTensor.zeros(type, 3);
    tensor.fill(value);
    return tensor;
  }

  private static double value(FlatTensor tensor) {
    try (FlatTensor converted = FlatTensor.zeros(DataType.FLOAT64, tensor.length())) {
      converted.copyFrom(tensor);
      return converted.bytes(0, 8).getDouble();
    }
  }

  @Test
  void knowsWhetherOthersUseItsMemory() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array = manager.zeros(new Shape(2, 5));
      try (FlatTensor flat = FlatTensor.of(array)) {
        NDArray row = array.get(1);
        array.close();
        assertThat(flat.isShared()).isTrue();
        row.close();
        assertThat(flat.isShared()).isFalse();
        flat.slice(0, 2).close();
        assertThat(flat.isShared()).isFalse();
      }
    }
  }
}
