package io.fabric4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.TorchLibrary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrossEntropyLossTest {
  private static final float[] LOGITS = {1, 2, 3, -1, 0.5f, 4, 0, 0, 0, 30, -30, 2};

  private final Loss loss = new CrossEntropyLoss();
  private NDManager manager;

  @BeforeEach
  void openManager() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private NDArray logits() {
    return manager.create(LOGITS, new Shape(4, 3));
  }

  private float[] gradient(Loss of, NDArray labels) {
    try (GradMode mode = GradMode.enabled()) {
      NDArray logits = logits();
      logits.setRequiresGradient(true);
      Autograd.backward(of.evaluate(new NDList(labels), new NDList(logits)), 1);
      return logits.getGradient().toFloatArray();
    }
  }

  @Test
  void isTheMeanOfEachRowsCrossEntropy() {
    NDArray labels = manager.create(new long[] {2, 0, 1, 0});
    double expected =
        (Math.log(Math.exp(-2) + Math.exp(-1) + 1)
                + Math.log(1 + Math.exp(1.5) + Math.exp(5))
                + Math.log(3)
                + Math.log1p(Math.exp(-28)))
            / 4;

    NDArray value = loss.evaluate(new NDList(labels), new NDList(logits()));

    assertThat(value.getShape()).isEqualTo(new Shape());
    assertThat((double) value.getFloat()).isCloseTo(expected, offset(1e-6));
  }

  @Test
  void equalsDjlsLossAndItsGradient() {
    Loss djl = Loss.softmaxCrossEntropyLoss();
    NDArray labels = manager.create(new long[] {2, 0, 1, 2});
    NDArray own = loss.evaluate(new NDList(labels), new NDList(logits()));
    NDArray other = djl.evaluate(new NDList(labels), new NDList(logits()));

    assertThat(own.getFloat()).isCloseTo(other.getFloat(), offset(1e-6f));
    assertThat(gradient(loss, labels)).containsExactly(gradient(djl, labels), offset(1e-7f));
  }

  @Test
  void takesLabelsOfAnyTypeInAColumn() {
    NDArray labels = manager.create(new long[] {2, 0, 1, 2});
    float expected = loss.evaluate(new NDList(labels), new NDList(logits())).getFloat();

    for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64, DataType.INT32}) {
      NDArray column = labels.toType(type, true).reshape(4, 1);
      assertThat(loss.evaluate(new NDList(column), new NDList(logits())).getFloat())
          .isEqualTo(expected);
    }
  }

  @Test
  void rejectsLabelsThatAreNotOnePerRow() {
    NDList labels = new NDList(manager.zeros(new Shape(4, 3)));

    assertThatThrownBy(() -> loss.evaluate(labels, new NDList(logits())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Labels of shape (4, 3) do not fit predictions of shape (4, 3). Pass one class index"
                + " per row, and logits of shape (rows, classes).");
  }
}
