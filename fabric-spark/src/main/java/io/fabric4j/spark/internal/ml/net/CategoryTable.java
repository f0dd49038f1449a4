package io.fabric4j.spark.internal.ml.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;

/**
 * A vector for each category: (rows, n) numbers of categories become (rows, n, size). Numbers that
 * are none of a category, as may come later, have a vector of zeros.
 */
final class CategoryTable extends AbstractBlock {
  private static final byte VERSION = 1;

  private final int categories;
  private final int size;
  private final Parameter vectors;

  CategoryTable(int categories, int size, Initializer initializer) {
    super(VERSION);
    this.categories = categories;
    this.size = size;
    vectors =
        addParameter(
            Parameter.builder()
                .setName("vectors")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(categories, size))
                .optInitializer(initializer)
                .build());
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray index = inputs.singletonOrThrow().toType(DataType.INT64, false);
    NDArray table = store.getValue(vectors, index.getDevice(), training);
    NDArray found =
        Embedding.embedding(index.clip(0, categories - 1), table, SparseFormat.DENSE)
            .singletonOrThrow();
    // An integral mask leaves the type of the vectors as it is, whatever the precision.
    NDArray known = index.gte(0).logicalAnd(index.lt(categories)).toType(DataType.UINT8, false);
    return new NDList(found.mul(known.expandDims(2)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {inputs[0].add(size)};
  }
}
