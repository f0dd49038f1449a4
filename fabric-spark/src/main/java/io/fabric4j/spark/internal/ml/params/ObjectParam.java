package io.fabric4j.spark.internal.ml.params;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** A param whose value is code, which a stage cannot be saved with. */
public final class ObjectParam<T> extends Param<T> {
  private static final long serialVersionUID = 1L;

  /** Declares a param of a stage. */
  public ObjectParam(Params stage, String name, String doc) {
    super(stage, name, doc + "; cannot be saved with the stage");
  }

  /**
   * Refuses.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public String jsonEncode(T value) {
    throw new UnsupportedOperationException(
        "The stage cannot be saved with its param "
            + name()
            + ", whose value is an object of code. Clear it first, with stage.clear(stage."
            + name()
            + "()), and set it again after loading.");
  }
}
