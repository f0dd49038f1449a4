package io.fabric4j.internal.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import io.fabric4j.internal.torch.Casts;
import java.io.Serializable;
import java.util.List;
import java.util.stream.LongStream;

/** What the arrays of a batch look like, for ranks that have no row to look at. */
public record BatchSpec(List<ArraySpec> data, List<ArraySpec> labels) implements Serializable {

  /**
   * One array.
   *
   * @param rowShape shape without the batch axis
   */
  public record ArraySpec(List<Long> rowShape, DataType dataType) implements Serializable {}

  /** Describes a batch. */
  public static BatchSpec of(Batch batch) {
    return new BatchSpec(specs(batch.getData()), specs(batch.getLabels()));
  }

  private static List<ArraySpec> specs(NDList arrays) {
    return arrays.stream()
        .map(
            array ->
                new ArraySpec(
                    LongStream.of(array.getShape().slice(1).getShape()).boxed().toList(),
                    Casts.dataType(array)))
        .toList();
  }

  /** Returns arrays of zeros. */
  public static NDList zeros(NDManager manager, List<ArraySpec> specs, int rows) {
    NDList list = new NDList();
    for (ArraySpec spec : specs) {
      Shape row = new Shape(spec.rowShape());
      list.add(Casts.zeros(manager, new Shape(rows).addAll(row), spec.dataType()));
    }
    return list;
  }
}
