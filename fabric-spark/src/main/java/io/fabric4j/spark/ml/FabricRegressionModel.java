package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.internal.ml.params.PredictionParamSet;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.RegressionModel;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * A regression that {@code FabricRegressor} trained. Its memory is that of {@link
 * FabricClassificationModel}.
 */
public final class FabricRegressionModel extends RegressionModel<Vector, FabricRegressionModel>
    implements FabricPredictionParams<FabricRegressionModel>, MLWritable {
  private static final long serialVersionUID = 1L;

  private String uid; // no initializer: it is set while super() runs
  private final PredictionParamSet params;
  private final FittedNetwork fitted;

  /** Makes an empty model, as Spark Connect's look-up of stages requires. */
  public FabricRegressionModel() {
    this(StageUid.random("fabricRegressor"), null);
  }

  /** Makes an empty model, as Spark Connect's look-up of stages requires. */
  public FabricRegressionModel(String uid) {
    this(StageUid.give(uid), null);
  }

  FabricRegressionModel(String uid, TrainedNetwork network, FabricTrainingSummary summary) {
    this(uid, new FittedNetwork(network, summary));
  }

  private FabricRegressionModel(String uid, FittedNetwork fitted) {
    this(StageUid.give(uid), fitted);
  }

  private FabricRegressionModel(StageUid unused, FittedNetwork fitted) {
    uid();
    params = new PredictionParamSet(this);
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

  private FittedNetwork fitted() {
    return Stages.require(fitted, this);
  }

  @Override
  public int numFeatures() {
    return fitted().signature().inputs().get(0).elements();
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
    StructType result = super.transformSchema(schema);
    fitted().checkInputs(schema, getFeaturesCol());
    return result;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema(), true);
    if (schema.size() == dataset.schema().size()) {
      return dataset.toDF();
    }
    ValueColumns.Column prediction =
        ValueColumns.Column.prediction(
            getPredictionCol(), 0, fitted().signature().outputs().get(0));
    return fitted()
        .transform(
            this,
            dataset,
            schema,
            List.of(getFeaturesCol()),
            new ValueColumns(List.of(prediction)));
  }

  /** Returns the prediction for one row, computed on a CPU of this process. */
  @Override
  public double predict(Vector features) {
    return fitted().predict(this, List.of(getFeaturesCol()), features)[0][0];
  }

  @Override
  public FabricRegressionModel copy(ParamMap extra) {
    return copyValues(new FabricRegressionModel(uid(), fitted), extra).setParent(parent());
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
  public static MLReader<FabricRegressionModel> read() {
    return StageReader.ofModel(FabricRegressionModel.class, FabricRegressionModel::new);
  }

  /**
   * Loads a model.
   *
   * @throws java.io.UncheckedIOException if it cannot be read or is damaged
   * @throws IllegalArgumentException if it is no such model, or a later release wrote it
   */
  public static FabricRegressionModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return fitted == null
        ? "FabricRegressionModel: uid=" + uid()
        : "FabricRegressionModel: uid=%s, numFeatures=%d".formatted(uid(), numFeatures());
  }
}
