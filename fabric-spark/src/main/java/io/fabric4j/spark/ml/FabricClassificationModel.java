package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.internal.ml.params.PredictionParamSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.Tuple3;

/**
 * A classifier that {@code FabricClassifier} trained. It holds its weights in heap memory; the
 * processes that predict have them in native memory, once for all their tasks, and free them half a
 * minute after the last use.
 */
public final class FabricClassificationModel
    extends ProbabilisticClassificationModel<Vector, FabricClassificationModel>
    implements FabricPredictionParams<FabricClassificationModel>, MLWritable {
  private static final long serialVersionUID = 1L;

  private String uid; // no initializer: it is set while super() runs
  private final PredictionParamSet params;
  private final FittedNetwork fitted;

  /** Makes an empty model, as Spark Connect's look-up of stages requires. */
  public FabricClassificationModel() {
    this(StageUid.random("fabricClassifier"), null);
  }

  /** Makes an empty model, as Spark Connect's look-up of stages requires. */
  public FabricClassificationModel(String uid) {
    this(StageUid.give(uid), null);
  }

  FabricClassificationModel(String uid, TrainedNetwork network, FabricTrainingSummary summary) {
    this(uid, new FittedNetwork(network, summary));
  }

  private FabricClassificationModel(String uid, FittedNetwork fitted) {
    this(StageUid.give(uid), fitted);
  }

  private FabricClassificationModel(StageUid unused, FittedNetwork fitted) {
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
  public int numClasses() {
    return fitted().signature().outputs().get(0).size();
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
    List<Double> limits =
        isDefined(thresholds()) ? Arrays.stream(getThresholds()).boxed().toList() : List.of();
    if (!limits.isEmpty() && limits.size() != numClasses()) {
      throw new IllegalArgumentException(
          "The model has "
              + numClasses()
              + " classes, but there are "
              + limits.size()
              + " thresholds. Set one for each class.");
    }
    List<ClassificationColumns.Kind> kinds = new ArrayList<>();
    for (int i = dataset.schema().size(); i < schema.size(); i++) {
      kinds.add(kind(schema.fields()[i].name()));
    }
    if (kinds.isEmpty()) {
      return dataset.toDF();
    }
    return fitted()
        .transform(
            this,
            dataset,
            schema,
            List.of(getFeaturesCol()),
            new ClassificationColumns(kinds, numClasses(), limits));
  }

  private ClassificationColumns.Kind kind(String column) {
    if (column.equals(getPredictionCol())) {
      return ClassificationColumns.Kind.PREDICTION;
    }
    return column.equals(getProbabilityCol())
        ? ClassificationColumns.Kind.PROBABILITY
        : ClassificationColumns.Kind.RAW;
  }

  /** Returns the network's scores of one row, computed on a CPU of this process. */
  @Override
  public Vector predictRaw(Vector features) {
    float[] scores = fitted().predict(this, List.of(getFeaturesCol()), features)[0];
    double[] raw = new double[scores.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = scores[i];
    }
    return Vectors.dense(raw);
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    ClassScores.softmax(((DenseVector) rawPrediction).values());
    return rawPrediction;
  }

  @Override
  public double raw2prediction(Vector rawPrediction) {
    return isDefined(thresholds())
        ? probability2prediction(raw2probability(rawPrediction))
        : ClassScores.best(rawPrediction.toArray());
  }

  @Override
  public double probability2prediction(Vector probability) {
    return isDefined(thresholds())
        ? ClassScores.best(probability.toArray(), getThresholds())
        : ClassScores.best(probability.toArray());
  }

  /** Javac sees two inherited methods of this name, which are one for the JVM. */
  @Override
  @SuppressWarnings({"rawtypes", "unchecked"})
  public Tuple3 findSummaryModel() {
    return super.findSummaryModel();
  }

  @Override
  public FabricClassificationModel copy(ParamMap extra) {
    return copyValues(new FabricClassificationModel(uid(), fitted), extra).setParent(parent());
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
  public static MLReader<FabricClassificationModel> read() {
    return StageReader.ofModel(FabricClassificationModel.class, FabricClassificationModel::new);
  }

  /**
   * Loads a model.
   *
   * @throws java.io.UncheckedIOException if it cannot be read or is damaged
   * @throws IllegalArgumentException if it is no such model, or a later release wrote it
   */
  public static FabricClassificationModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return fitted == null
        ? "FabricClassificationModel: uid=" + uid()
        : "FabricClassificationModel: uid=%s, numClasses=%d, numFeatures=%d"
            .formatted(uid(), numClasses(), numFeatures());
  }
}
