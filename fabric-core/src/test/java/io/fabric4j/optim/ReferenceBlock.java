package io.fabric4j.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The three parameters of {@link OptimizerReference}, each in a child of its own; its forward is a
 * loss whose gradient is what it is given.
 */
final class ReferenceBlock extends AbstractBlock {
  private final List<Holder> holders = new ArrayList<>();

  ReferenceBlock(boolean tied) {
    for (int k = 0; k < 3; k++) {
      holders.add(addChildBlock("p" + k, new Holder(new Shape(OptimizerReference.SHAPES[k]))));
    }
    if (tied) {
      addChildBlock("again", holders.get(1));
    }
  }

  Parameter parameter(int k) {
    return holders.get(k).parameter;
  }

  void initialize(NDManager manager, DataType dataType) {
    initialize(manager, dataType, new Shape(1));
    for (int k = 0; k < 3; k++) {
      int parameter = k;
      NDArray values = formula(manager, k, dataType, i -> OptimizerReference.initial(parameter, i));
      values.copyTo(parameter(k).getArray());
    }
  }

  /** Returns a loss whose gradient with respect to the used parameters is that of step t. */
  NDArray loss(NDManager manager, int t, IntPredicate used, boolean tied) {
    NDArray loss = null;
    for (int k = 0; k < 3; k++) {
      if (used.test(k)) {
        loss = add(loss, term(manager, k, k, t));
      }
    }
    return tied ? add(loss, term(manager, 1, 3, t)) : loss;
  }

  private NDArray term(NDManager manager, int k, int formula, int t) {
    NDArray array = parameter(k).getArray();
    NDArray gradient =
        formula(manager, k, array.getDataType(), i -> OptimizerReference.gradient(formula, i, t));
    NDArray product = array.mul(gradient);
    product.attach(manager);
    return product.sum();
  }

  private static NDArray add(NDArray sum, NDArray term) {
    return sum == null ? term : sum.add(term);
  }

  /** A formula of the element's index. */
  private interface Formula {
    double at(int i);
  }

  private static NDArray formula(NDManager manager, int k, DataType dataType, Formula formula) {
    Shape shape = new Shape(OptimizerReference.SHAPES[k]);
    double[] values = new double[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = formula.at(i);
    }
    return manager.create(values, shape).toType(dataType, false);
  }

  double[] values() {
    List<Double> all = new ArrayList<>();
    for (Holder holder : holders) {
      for (Number value : holder.parameter.getArray().toArray()) {
        all.add(value.doubleValue());
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return inputs;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType dataType, Shape... inputShapes) {
    holders.forEach(holder -> holder.initialize(manager, dataType, inputShapes));
  }

  private static final class Holder extends AbstractBlock {
    private final Parameter parameter;

    Holder(Shape shape) {
      parameter =
          addParameter(
              Parameter.builder()
                  .setName("weight")
                  .setType(Parameter.Type.BIAS)
                  .optShape(shape)
                  .build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
