package io.fabric4j.internal.precision;

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

/** Creates and casts parameters and arrays in a precision's parameter type. */
public final class ModuleTypes {

  private ModuleTypes() {}

  /** Where a block's first values come from. */
  public enum InitialValues {
    /** The block's initializers. */
    INITIALIZED,
    /** Trainable parameters hold whatever the memory held, because they will be loaded. */
    EMPTY
  }

  /** Casts floating parameters and buffers; their arrays are closed and replaced. */
  public static void convertBlock(Block block, Precision precision) {
    if (precision.parameterType() != null) {
      block.getParameters().values().forEach(p -> convert(p, precision.parameterType()));
    }
  }

  private static void convert(Parameter parameter, DataType type) {
    if (!parameter.isInitialized()) {
      return;
    }
    NDArray converted;
    try (GradMode mode = GradMode.disabled()) {
      converted = Casts.floatingToType(parameter.getArray(), type);
    }
    if (converted == parameter.getArray()) {
      return;
    }
    NDManager manager = converted.getManager();
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
    convertBlock(block, precision);
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
