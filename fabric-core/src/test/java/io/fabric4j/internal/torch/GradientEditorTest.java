package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradientEditorTest {
  private NDManager manager;
  private GradMode mode;
  private NDArray parameter;

  /** DJL frees the memory of factors that are Java numbers before backward needs it. */
  private NDArray three;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    mode = GradMode.enabled();
    manager = NDManager.newBaseManager();
    parameter = manager.create(new float[] {1, 2});
    parameter.setRequiresGradient(true);
    three = manager.full(new Shape(), 3f, DataType.FLOAT32);
  }

  @AfterEach
  void close() {
    manager.close();
    mode.close();
  }

  @Test
  void changesWhatReachesTheParameter() {
    try (GradientEditor editor = new GradientEditor(gradient -> gradient.muli(10))) {
      for (int step = 1; step <= 20; step++) {
        NDArray output = parameter.mul(three);
        editor.watch(output);
        System.gc();
        Autograd.backward(output.square().sum(), 1);
        assertThat(parameter.getGradient().toFloatArray())
            .containsExactly(180f * step, 360f * step);
      }
    }
  }

  @Test
  void leavesOtherBranchesAlone() {
    try (GradientEditor editor = new GradientEditor(gradient -> gradient.muli(10))) {
      NDArray output = parameter.mul(three);
      editor.watch(output);
      Autograd.backward(output.add(parameter).sum(), 1);
      assertThat(parameter.getGradient().toFloatArray()).containsExactly(31, 31);
    }
  }

  @Test
  void editsDenseCopies() {
    List<Shape> shapes = new ArrayList<>();
    try (GradientEditor editor =
        new GradientEditor(
            gradient -> {
              FlatTensor.of(gradient).close();
              shapes.add(gradient.getShape());
            })) {
      NDArray output = parameter.expandDims(0).add(0);
      editor.watch(output);
      Autograd.backward(output.sum(), 1);
      assertThat(shapes).containsExactly(new Shape(1, 2));
    }
  }

  @Test
  void ignoresArraysOutsideOfGraphs() {
    try (GradientEditor editor = new GradientEditor(gradient -> gradient.muli(10))) {
      editor.watch(manager.create(1f));
      Autograd.backward(parameter.sum(), 1);
      assertThat(parameter.getGradient().toFloatArray()).containsExactly(1, 1);
    }
  }

  @Test
  void copiesStayInTheGraph() {
    NDArray copy = Autograd.copy(parameter.expandDims(0).transpose());
    assertThat(copy.getShape()).isEqualTo(new Shape(2, 1));
    Autograd.backward(copy.sum(), 4);
    assertThat(parameter.getGradient().toFloatArray()).containsExactly(4, 4);
  }
}
