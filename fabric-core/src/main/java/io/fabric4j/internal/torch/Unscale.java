package io.fabric4j.internal.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** {@code aten::_amp_foreach_non_finite_check_and_unscale_} on one flat gradient. */
public final class Unscale {

  private Unscale() {}

  /**
   * Divides every element by the scale, in place.
   *
   * @param gradient of float32
   * @return whether an element was infinite or not a number
   */
  public static boolean run(FlatTensor gradient, double scale) {
    try (PointerScope scope = new PointerScope()) {
      OperatorHandle operator =
          Dispatcher.singleton()
              .findSchemaOrThrow("aten::_amp_foreach_non_finite_check_and_unscale_", "");
      Tensor foundInf = gradient.tensor().new_zeros(1);
      Tensor inverse = gradient.tensor().new_zeros(1);
      inverse.fill_(new Scalar(1 / scale));
      operator.callBoxed(
          new IValueVector(
              TensorList.of(gradient.tensor()), new IValue(foundInf), new IValue(inverse)));
      return foundInf.item_float() != 0;
    }
  }
}
