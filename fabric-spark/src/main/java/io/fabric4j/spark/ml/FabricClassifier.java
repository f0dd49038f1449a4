package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.fit.Fit;
import io.fabric4j.spark.internal.ml.fit.FitChecks;
import io.fabric4j.spark.internal.ml.fit.FitRequest;
import io.fabric4j.spark.internal.ml.fit.Fitted;
import io.fabric4j.spark.internal.ml.fit.ParallelFits;
import io.fabric4j.spark.internal.ml.params.TrainingParamSet;
import java.util.List;
import org.apache.spark.ml.classification.ProbabilisticClassifier;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;

/**
 * Trains a network to tell classes apart, from a column of feature vectors. Labels are 0, 1, 2 and
 * so on; their number comes from the label's metadata, or else from the rows.
 *
 * <pre>{@code
 * FabricClassificationModel model =
 *     new FabricClassifier().setNetwork(Network.mlp(512, 256)).setMaxIter(10).fit(train);
 * Dataset<Row> predictions = model.transform(test);
 * }</pre>
 */
public final class FabricClassifier
    extends ProbabilisticClassifier<Vector, FabricClassifier, FabricClassificationModel>
    implements FabricTrainingParams<FabricClassifier>, MLWritable {
  private static final long serialVersionUID = 1L;
  private static final String CROSS_ENTROPY = "cross_entropy";

  private String uid; // no initializer: it is set while super() runs
  private final TrainingParamSet params;

  /** Makes a classifier with default params. */
  public FabricClassifier() {
    this(StageUid.random("fabricClassifier"));
  }

  /** Makes a classifier with default params and a given uid. */
  public FabricClassifier(String uid) {
    this(StageUid.give(uid));
  }

  private FabricClassifier(StageUid unused) {
    uid();
    params = new TrainingParamSet(this);
  }

  @Override
  public String uid() {
    if (uid == null) {
      uid = StageUid.take();
    }
    return uid;
  }

  @Override
  public TrainingParamSet paramSet() {
    return params;
  }

  /**
   * Returns the schema of the model's output.
   *
   * @throws IllegalArgumentException if a column is missing or of another type, or params
   *     contradict each other
   */
  @Override
  public StructType transformSchema(StructType schema) {
    if (!getLoss().equals("auto") && !getLoss().equals(CROSS_ENTROPY)) {
      throw new IllegalArgumentException(
          "The loss of a classifier is '"
              + getLoss()
              + "', which is for quantities. Use auto or cross_entropy, or a FabricRegressor.");
    }
    FitChecks.run(this, schema, List.of(CROSS_ENTROPY));
    return super.transformSchema(schema);
  }

  @Override
  public FabricClassificationModel train(Dataset<?> dataset) {
    Fitted fitted =
        Fit.run(this, dataset, FitRequest.of(getFeaturesCol(), getLabelCol(), CROSS_ENTROPY));
    return new FabricClassificationModel(uid, fitted.network(), fitted.summary());
  }

  /** Fits with each setting, side by side as far as there are task slots. */
  @Override
  public Seq<FabricClassificationModel> fit(Dataset<?> dataset, Seq<ParamMap> settings) {
    return ParallelFits.run(this, dataset, settings);
  }

  @Override
  public FabricClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }

  /** Returns a reader of saved classifiers. */
  public static MLReader<FabricClassifier> read() {
    return StageReader.ofParams(FabricClassifier.class, FabricClassifier::new);
  }

  /** Loads a classifier. */
  public static FabricClassifier load(String path) {
    return read().load(path);
  }
}
