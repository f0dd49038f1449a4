package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.CompilationUnit;
import org.junit.jupiter.api.Test;

class AutocastSoakTest {
  private static final int STEPS = 2000;
  private static final int SIZE = 256;

  /** Every tensor is so large that keeping one per step would take 256 MiB or more. */
  @Test
  void nativeMemoryStaysFlat() throws IOException {
    TorchLibrary.load();
    try (TorchThread thread = TorchThread.enter(1, false);
        NDManager manager = NDManager.newBaseManager();
        FlatTensor gradient = FlatTensor.zeros(DataType.FLOAT32, SIZE * SIZE)) {
      NDArray weight = manager.ones(new Shape(SIZE, SIZE));
      weight.setRequiresGradient(true);
      gradient.fill(1);
      run(manager, weight, gradient, STEPS / 10);
      long before = anonymousKiB();
      run(manager, weight, gradient, STEPS);
      long growth = anonymousKiB() - before;
      assertThat(growth).isLessThan(100 << 10);
    }
  }

  private static void run(NDManager manager, NDArray weight, FlatTensor gradient, int steps) {
    for (int i = 0; i < steps; i++) {
      try (NDManager scope = manager.newSubManager();
          Autocast autocast = Autocast.enable(Device.cpu(), DataType.BFLOAT16)) {
        NDArray input = scope.ones(new Shape(1, SIZE));
        NDArray output = input.matMul(weight);
        assertThat(Casts.dataType(output)).isEqualTo(DataType.BFLOAT16);
        Casts.toType(output, DataType.FLOAT32).sum().getFloat();
      }
      assertThat(Unscale.run(gradient, 1)).isFalse();
    }
  }

  private static long anonymousKiB() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void listFunctionsOutliveAPointerScope() {
    TorchLibrary.load();
    CompilationUnit unit;
    try (PointerScope scope = new PointerScope()) {
      unit = TensorList.compile();
    }
    assertThat(unit.isNull()).isFalse();
    unit.releaseReference();
    assertThat(unit.isNull()).isTrue();
  }
}
