package io.fabric4j.spark.internal.ml.inference;

import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.io.Serializable;
import java.util.List;

/**
 * How rows become predictions.
 *
 * @param inputs columns in the order of the network's inputs, with the tensors they become
 * @param outputs the columns that are added
 * @param batchSize rows of one forward
 * @param useGpu {@code auto} for the GPU that Spark gave a task, if any; {@code true} for a GPU in
 *     any case; or {@code false}
 */
public record Inference(
    List<ColumnSpec> inputs,
    OutputColumns outputs,
    int batchSize,
    String useGpu,
    HandleInvalid handleInvalid)
    implements Serializable {}
