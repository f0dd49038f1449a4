package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** A loss of one label, for each row. */
enum LabelLoss {
  CROSS_ENTROPY {
    @Override
    NDArray ofRows(NDArray label, NDArray output) {
      NDArray classes = label.toType(DataType.INT64, false).reshape(-1, 1);
      return output.logSoftmax(1).gather(classes, 1).reshape(-1).neg();
    }
  },
  MSE {
    @Override
    NDArray ofRows(NDArray label, NDArray output) {
      return difference(label, output).square().mean(new int[] {1});
    }

    @Override
    double unit(double deviation) {
      return deviation * deviation;
    }
  },
  MAE {
    @Override
    NDArray ofRows(NDArray label, NDArray output) {
      return difference(label, output).abs().mean(new int[] {1});
    }

    @Override
    double unit(double deviation) {
      return deviation;
    }
  },
  /** Quadratic up to a distance of 1, linear beyond. */
  HUBER {
    @Override
    NDArray ofRows(NDArray label, NDArray output) {
      NDArray distance = difference(label, output).abs();
      NDArray near = distance.clip(0, 1);
      return near.square().mul(0.5).add(distance.sub(near)).mean(new int[] {1});
    }
  };

  /**
   * Returns the loss of each row.
   *
   * @param label shape (rows, ...)
   * @param output shape (rows, ...), for classes (rows, classes)
   * @return shape (rows)
   */
  abstract NDArray ofRows(NDArray label, NDArray output);

  boolean isOfClasses() {
    return this == CROSS_ENTROPY;
  }

  /** Returns by what gradients are divided, so that they do not depend on the label's unit. */
  double unit(double deviation) {
    return 1;
  }

  private static NDArray difference(NDArray label, NDArray output) {
    long rows = output.getShape().get(0);
    return output.reshape(rows, -1).sub(label.reshape(rows, -1));
  }
}
