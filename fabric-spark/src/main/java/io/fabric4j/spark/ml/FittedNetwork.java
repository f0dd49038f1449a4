package io.fabric4j.spark.ml;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.internal.ml.inference.BatchTransform;
import io.fabric4j.spark.internal.ml.inference.Inference;
import io.fabric4j.spark.internal.ml.inference.InputTypes;
import io.fabric4j.spark.internal.ml.inference.NetworkSource;
import io.fabric4j.spark.internal.ml.inference.OutputColumns;
import io.fabric4j.spark.internal.ml.inference.ServedNetwork;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** What a model has of its fit; copies of the model share it. It is in heap memory alone. */
final class FittedNetwork implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TrainedNetwork trained;
  private final FabricTrainingSummary summary;
  private final ServedNetwork served;

  /** Where tasks get the network from. */
  private record Source(TrainedNetwork trained) implements NetworkSource {
    @Override
    public Block newBlock(NDManager owner) {
      return trained.newBlock(owner);
    }
  }

  /**
   * @param summary null if there is none
   */
  FittedNetwork(TrainedNetwork trained, FabricTrainingSummary summary) {
    this.trained = trained;
    this.summary = summary;
    served = new ServedNetwork(trained.id(), new Source(trained));
  }

  TrainedNetwork trained() {
    return trained;
  }

  Optional<FabricTrainingSummary> summary() {
    return Optional.ofNullable(summary);
  }

  NetworkSignature signature() {
    return trained.signature();
  }

  /** Returns the inputs as tensors of columns that may be called otherwise than in the fit. */
  private List<ColumnSpec> inputs(String... columns) {
    List<InputColumn> inputs = signature().inputs();
    if (columns.length != inputs.size()) {
      throw new IllegalArgumentException(
          "The model takes "
              + inputs.size()
              + " columns, but it was given "
              + List.of(columns)
              + ". Name as many as in the fit, in the same order: "
              + inputs.stream().map(InputColumn::name).toList()
              + ".");
    }
    List<ColumnSpec> specs = new ArrayList<>();
    for (int i = 0; i < columns.length; i++) {
      specs.add(new ColumnSpec(columns[i], inputs.get(i).dataType(), inputs.get(i).shape()));
    }
    return specs;
  }

  void checkInputs(StructType schema, String... columns) {
    InputTypes.check(inputs(columns), schema);
  }

  /**
   * Returns the rows with more columns.
   *
   * @param schema of the result
   * @param columns that are the network's inputs
   * @param outputs makes the added columns
   */
  Dataset<Row> transform(
      FabricPredictionParams<?> stage,
      Dataset<?> dataset,
      StructType schema,
      List<String> columns,
      OutputColumns outputs) {
    Inference inference =
        new Inference(
            inputs(columns.toArray(String[]::new)),
            outputs,
            stage.getInferBatchSize(),
            stage.getUseGpu(),
            handleInvalid(stage));
    return BatchTransform.apply(dataset, schema, served, inference);
  }

  /** Returns the values of each output for one row. */
  float[][] predict(FabricPredictionParams<?> stage, List<String> columns, Object... values) {
    return served.predict(inputs(columns.toArray(String[]::new)), handleInvalid(stage), values);
  }

  private static HandleInvalid handleInvalid(FabricPredictionParams<?> stage) {
    return HandleInvalid.valueOf(stage.getHandleInvalid().toUpperCase(Locale.ROOT));
  }

  /** Returns bytes. */
  long estimatedSize() {
    long script =
        trained.network() instanceof TorchScriptNetwork network ? network.script().length : 0;
    return trained.weights().length + script;
  }
}
