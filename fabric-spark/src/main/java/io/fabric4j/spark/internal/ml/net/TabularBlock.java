package io.fabric4j.spark.internal.ml.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A wide part, a deep part, or the sum of both, over quantities and categories. Each output has a
 * last layer of its own.
 */
public final class TabularBlock extends AbstractBlock implements StandardizedInputs, ScaledOutputs {
  private static final byte VERSION = 1;
  private static final float EMBEDDING_DEVIATION = 0.05f;

  /** Largest distance from the mean, in deviations, that the deep part sees. */
  private static final int LIMIT = 5;

  private final List<Input> inputs;
  private final List<Output> outputs;
  private final List<Standardize> scales = new ArrayList<>();
  private final List<Standardize> standardizes = new ArrayList<>();
  private final List<CategoryTable> embeddings = new ArrayList<>();
  private final List<Linear> hiddenLayers = new ArrayList<>();
  private final List<Linear> deepHeads = new ArrayList<>();
  private final List<Linear> wideHeads = new ArrayList<>();
  private final List<List<CategoryTable>> wideTables = new ArrayList<>();

  /**
   * An input.
   *
   * @param elements of a row
   * @param categories 0 for quantities
   */
  public record Input(int elements, int categories) {

    /** A rule of thumb that grows with the fourth root. */
    int embeddingSize() {
      return (int) Math.max(2, Math.min(64, Math.round(1.6 * Math.pow(categories, 0.56))));
    }
  }

  /**
   * An output.
   *
   * @param quantities whether its values are quantities, which have a mean and a deviation
   */
  public record Output(int size, boolean quantities) {}

  /**
   * Creates a block.
   *
   * @param wide whether there is a wide part
   * @param hidden layers of the deep part; none for no deep part
   */
  public TabularBlock(
      List<Input> inputs, boolean wide, List<Integer> hidden, List<Output> outputs) {
    super(VERSION);
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    for (Input input : inputs) {
      if (input.categories() == 0) {
        Standardize layer = new Standardize(new Shape(input.elements()));
        standardizes.add(addChildBlock("standardize", layer));
      }
    }
    for (Output output : outputs) {
      Standardize layer = new Standardize(new Shape(output.size()));
      scales.add(output.quantities() ? addChildBlock("scale", layer) : null);
    }
    if (!hidden.isEmpty()) {
      addDeepPart(hidden);
    }
    if (wide) {
      addWidePart();
    }
  }

  private void addDeepPart(List<Integer> hidden) {
    Initializer normal = new NormalInitializer(EMBEDDING_DEVIATION);
    for (Input input : inputs) {
      if (input.categories() > 0) {
        embeddings.add(
            addChildBlock(
                "embedding", new CategoryTable(input.categories(), input.embeddingSize(), normal)));
      }
    }
    for (int size : hidden) {
      hiddenLayers.add(addChildBlock("hidden", Linear.builder().setUnits(size).build()));
    }
    for (Output output : outputs) {
      deepHeads.add(addChildBlock("deep", Linear.builder().setUnits(output.size()).build()));
    }
  }

  /** It starts from zero, as a linear model does. */
  private void addWidePart() {
    for (Output output : outputs) {
      if (!standardizes.isEmpty()) {
        Linear head = Linear.builder().setUnits(output.size()).build();
        head.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
        wideHeads.add(addChildBlock("wide", head));
      }
      List<CategoryTable> tables = new ArrayList<>();
      for (Input input : inputs) {
        if (input.categories() > 0) {
          CategoryTable table =
              new CategoryTable(input.categories(), output.size(), Initializer.ZEROS);
          tables.add(addChildBlock("wideCategories", table));
        }
      }
      wideTables.add(tables);
    }
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
    int quantities = 0;
    int deepSize = 0;
    for (Input input : inputs) {
      boolean category = input.categories() > 0;
      quantities += category ? 0 : input.elements();
      deepSize += input.elements() * (category ? input.embeddingSize() : 1);
    }
    Shape any = new Shape(1, 1);
    standardizes.forEach(layer -> layer.initialize(manager, type, any));
    scales.stream().filter(Objects::nonNull).forEach(l -> l.initialize(manager, type, any));
    embeddings.forEach(layer -> layer.initialize(manager, type, any));
    wideTables.forEach(tables -> tables.forEach(table -> table.initialize(manager, type, any)));
    Shape wideShape = new Shape(1, quantities);
    wideHeads.forEach(head -> head.initialize(manager, type, wideShape));
    Shape shape = new Shape(1, deepSize);
    for (Linear layer : hiddenLayers) {
      layer.initialize(manager, type, shape);
      shape = layer.getOutputShapes(new Shape[] {shape})[0];
    }
    for (Linear head : deepHeads) {
      head.initialize(manager, type, shape);
    }
  }

  @Override
  public List<Standardize> layers() {
    return List.copyOf(standardizes);
  }

  @Override
  public NDArray values(int layer, NDList arrays) {
    return quantities(arrays).get(layer).expandDims(1);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList arrays, boolean training, PairList<String, Object> params) {
    NDList quantities = new NDList();
    NDList raw = quantities(arrays);
    for (int i = 0; i < raw.size(); i++) {
      quantities.add(run(standardizes.get(i), store, raw.get(i), training));
    }
    NDList categories = categories(arrays);
    NDList deep = hiddenLayers.isEmpty() ? null : deep(store, quantities, categories, training);
    NDList wide = wideTables.isEmpty() ? null : wide(store, quantities, categories, training);
    NDList result = new NDList();
    for (int i = 0; i < outputs.size(); i++) {
      NDArray value = wide == null ? deep.get(i) : wide.get(i);
      value = wide == null || deep == null ? value : value.add(deep.get(i));
      Standardize scale = scales.get(i);
      result.add(scale == null ? value : run(scale, store, value, training));
    }
    return result;
  }

  @Override
  public List<Standardize> scales() {
    return Collections.unmodifiableList(scales);
  }

  /** Returns the quantities as (rows, elements) each. */
  private NDList quantities(NDList arrays) {
    NDList result = new NDList();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).categories() == 0) {
        NDArray array = arrays.get(i);
        // libtorch subtracts numbers of all types but truth values.
        NDArray numbers =
            array.getDataType() == DataType.BOOLEAN ? array.toType(DataType.UINT8, false) : array;
        result.add(numbers.reshape(-1, inputs.get(i).elements()));
      }
    }
    return result;
  }

  private NDList categories(NDList arrays) {
    NDList result = new NDList();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).categories() > 0) {
        result.add(arrays.get(i).reshape(-1, inputs.get(i).elements()));
      }
    }
    return result;
  }

  private NDList deep(
      ParameterStore store, NDList quantities, NDList categories, boolean training) {
    NDList parts = new NDList();
    quantities.forEach(array -> parts.add(array.clip(-LIMIT, LIMIT)));
    for (int i = 0; i < categories.size(); i++) {
      NDArray vectors = run(embeddings.get(i), store, categories.get(i), training);
      Shape shape = vectors.getShape();
      parts.add(vectors.reshape(-1, shape.get(1) * shape.get(2)));
    }
    NDArray value = concat(parts);
    for (Linear layer : hiddenLayers) {
      value = Activation.relu(run(layer, store, value, training));
    }
    NDList result = new NDList();
    for (Linear head : deepHeads) {
      result.add(run(head, store, value, training));
    }
    return result;
  }

  private NDList wide(
      ParameterStore store, NDList quantities, NDList categories, boolean training) {
    NDList result = new NDList();
    NDArray numbers = quantities.isEmpty() ? null : concat(quantities);
    for (int output = 0; output < outputs.size(); output++) {
      NDArray sum = numbers == null ? null : run(wideHeads.get(output), store, numbers, training);
      for (int i = 0; i < categories.size(); i++) {
        CategoryTable table = wideTables.get(output).get(i);
        NDArray part = run(table, store, categories.get(i), training).sum(new int[] {1});
        sum = sum == null ? part : sum.add(part);
      }
      result.add(sum);
    }
    return result;
  }

  private static NDArray concat(NDList arrays) {
    return arrays.size() == 1 ? arrays.get(0) : NDArrays.concat(arrays, 1);
  }

  private static NDArray run(Block block, ParameterStore store, NDArray input, boolean training) {
    return block.forward(store, new NDList(input), training).singletonOrThrow();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return outputs.stream()
        .map(output -> new Shape(shapes[0].get(0), output.size()))
        .toArray(Shape[]::new);
  }
}
