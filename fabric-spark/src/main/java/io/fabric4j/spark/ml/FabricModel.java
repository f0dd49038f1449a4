package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.internal.ml.params.GeneralColumns;
import io.fabric4j.spark.internal.ml.params.PredictionParamSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A network with any inputs and outputs that {@code FabricEstimator} trained. Its memory is that of
 * {@link FabricClassificationModel}.
 */
public final class FabricModel extends Model<FabricModel>
    implements FabricPredictionParams<FabricModel>, FabricColumnsParams<FabricModel>, MLWritable {
  private static final long serialVersionUID = 1L;

  private String uid; // no initializer: it is set while super() runs
  private final PredictionParamSet params;
  private final GeneralColumns columns;
  private final FittedNetwork fitted;

  /** Makes an empty model, as Spark Connect's look-up of stages requires. */
  public FabricModel() {
    this(StageUid.random("fabricEstimator"), null);
  }

  /** Makes an empty model, as Spark Connect's look-up of stages requires. */
  public FabricModel(String uid) {
    this(StageUid.give(uid), null);
  }

  FabricModel(String uid, TrainedNetwork network, FabricTrainingSummary summary) {
    this(uid, new FittedNetwork(network, summary));
  }

  private FabricModel(String uid, FittedNetwork fitted) {
    this(StageUid.give(uid), fitted);
  }

  private FabricModel(StageUid unused, FittedNetwork fitted) {
    uid();
    params = new PredictionParamSet(this);
    columns = new GeneralColumns(this);
    this.fitted = fitted;
  }

  @Override
  public String uid() {
    if (uid == null) {
      uid = StageUid.take();
    }
    return uid;
  }

  @Override
  public PredictionParamSet paramSet() {
    return params;
  }

  @Override
  public GeneralColumns generalColumns() {
    return columns;
  }

  private FittedNetwork fitted() {
    return Stages.require(fitted, this);
  }

  /** Returns the inputs and outputs of the network. */
  public NetworkSignature signature() {
    return fitted().signature();
  }

  /** Returns whether the model has a summary of its fit. */
  public boolean hasSummary() {
    return fitted().summary().isPresent();
  }

  /**
   * Returns how the fit went.
   *
   * @throws IllegalStateException if the model has no summary
   */
  public FabricTrainingSummary summary() {
    return Stages.summary(fitted(), this);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    fitted().checkInputs(schema, getFeaturesCols());
    StructType result = schema;
    for (ValueColumns.Column column : added()) {
      if (Arrays.asList(result.fieldNames()).contains(column.name())) {
        throw new IllegalArgumentException(
            "There is a column '"
                + column.name()
                + "' already. Choose other predictionCols or outputCols, or drop it.");
      }
      result = result.add(column.name(), column.kind().dataType(), false);
    }
    return result;
  }

  /** Returns the columns that have a name: predictions, then values. */
  private List<ValueColumns.Column> added() {
    List<OutputColumn> outputs = signature().outputs();
    String[] predictions = names("predictionCols", getPredictionCols());
    String[] values = names("outputCols", getOutputCols());
    List<ValueColumns.Column> added = new ArrayList<>();
    for (int i = 0; i < predictions.length; i++) {
      added.add(ValueColumns.Column.prediction(predictions[i], i, outputs.get(i)));
    }
    for (int i = 0; i < values.length; i++) {
      int size = outputs.get(i).size();
      added.add(new ValueColumns.Column(values[i], ValueColumns.Kind.VALUES, i, size));
    }
    added.removeIf(column -> column.name().isEmpty());
    return added;
  }

  private String[] names(String param, String... names) {
    int outputs = signature().outputs().size();
    if (names.length != 0 && names.length != outputs) {
      throw new IllegalArgumentException(
          param
              + " is "
              + Arrays.toString(names)
              + ", but the network has "
              + outputs
              + " outputs. Give each a name, empty for none, or no names at all.");
    }
    return names;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema(), true);
    List<ValueColumns.Column> added = added();
    return added.isEmpty()
        ? dataset.toDF()
        : fitted()
            .transform(this, dataset, schema, List.of(getFeaturesCols()), new ValueColumns(added));
  }

  /**
   * Returns the values of each output for one row, computed on a CPU of this process.
   *
   * @param inputs in the order of the network's inputs, as Spark's rows have them
   * @throws IllegalArgumentException if a value is not what the network was trained on
   */
  public List<Vector> predict(Object... inputs) {
    List<Vector> outputs = new ArrayList<>();
    for (float[] values : fitted().predict(this, List.of(getFeaturesCols()), inputs)) {
      double[] doubles = new double[values.length];
      Arrays.setAll(doubles, i -> values[i]);
      outputs.add(Vectors.dense(doubles));
    }
    return outputs;
  }

  @Override
  public FabricModel copy(ParamMap extra) {
    return copyValues(new FabricModel(uid(), fitted), extra).setParent(parent());
  }

  @Override
  public long estimatedSize() {
    return fitted().estimatedSize();
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this, fitted());
  }

  /** Returns what loads models, as {@code load} does. */
  public static MLReader<FabricModel> read() {
    return StageReader.ofModel(FabricModel.class, FabricModel::new);
  }

  /**
   * Loads a model.
   *
   * @throws java.io.UncheckedIOException if it cannot be read or is damaged
   * @throws IllegalArgumentException if it is no such model, or a later release wrote it
   */
  public static FabricModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return fitted == null
        ? "FabricModel: uid=" + uid()
        : "FabricModel: uid=%s, inputs=%d, outputs=%d"
            .formatted(uid(), signature().inputs().size(), signature().outputs().size());
  }
}
