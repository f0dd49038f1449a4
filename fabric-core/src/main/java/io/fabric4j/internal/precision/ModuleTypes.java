package io.fabric4j.internal.precision;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.precision.Precision;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Creates, casts and moves parameters and arrays: a precision's parameter type, a device. */
public final class ModuleTypes {

  private ModuleTypes() {}

  /** Where a block's first values come from. */
  public enum InitialValues {
    /** The block's initializers. */
    INITIALIZED,
    /** Trainable parameters hold whatever the memory held, because they will be loaded. */
    EMPTY
  }

  /**
   * Casts floating parameters and buffers and moves all to a device; arrays that change are closed
   * and replaced.
   */
  public static void convertBlock(Block block, Precision precision, Device device) {
    DataType type = precision.parameterType();
    for (Parameter parameter : block.getParameters().values()) {
      replace(
          parameter,
          array ->
              (type == null ? array : Casts.floatingToType(array, type)).toDevice(device, false));
    }
  }

  /**
   * Moves parameters and buffers to a device; arrays that are elsewhere are closed and replaced.
   */
  public static void moveBlock(Block block, Device device) {
    block.getParameters().values().forEach(p -> replace(p, array -> array.toDevice(device, false)));
  }

  private static void replace(Parameter parameter, UnaryOperator<NDArray> conversion) {
    if (!parameter.isInitialized()) {
      return;
    }
    NDArray converted;
    try (GradMode mode = GradMode.disabled()) {
      converted = conversion.apply(parameter.getArray());
    }
    if (converted == parameter.getArray()) {
      return;
    }
    NDManager manager = converted.getManager();
    DataType type = Casts.dataType(converted);
    parameter.close();
    withInitializer(
        parameter, (m, shape, t) -> converted, () -> parameter.initialize(manager, type));
  }

  private static void withInitializer(Parameter parameter, Initializer other, Runnable code) {
    Initializer own = parameter.getInitializer();
    parameter.setInitializer(other);
    try {
      code.run();
    } finally {
      parameter.setInitializer(own);
    }
  }

  /** Initialises a block in the precision's parameter type, for inputs of the given shapes. */
  public static void initModule(
      Block block,
      Precision precision,
      InitialValues values,
      NDManager manager,
      Shape... inputShapes) {
    if (values == InitialValues.EMPTY) {
      block.setInitializer((m, shape, type) -> m.create(shape, type), Parameter::requiresGradient);
    }
    block.initialize(manager, DataType.FLOAT32, inputShapes);
    convertBlock(block, precision, manager.getDevice());
  }

  /** Returns the array a function makes, in the precision's parameter type if it is floating. */
  public static NDArray initTensor(
      Precision precision, NDManager manager, Function<NDManager, NDArray> function) {
    NDArray array = function.apply(manager);
    if (precision.parameterType() == null) {
      return array;
    }
    NDArray result = Casts.floatingToType(array, precision.parameterType());
    if (result != array) {
      array.close();
    }
    return result;
  }
}
