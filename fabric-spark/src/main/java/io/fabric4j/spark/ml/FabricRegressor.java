package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.fit.Fit;
import io.fabric4j.spark.internal.ml.fit.FitChecks;
import io.fabric4j.spark.internal.ml.fit.FitRequest;
import io.fabric4j.spark.internal.ml.fit.Fitted;
import io.fabric4j.spark.internal.ml.fit.ParallelFits;
import io.fabric4j.spark.internal.ml.params.TrainingParamSet;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.Regressor;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;

/**
 * Trains a network to predict a quantity, from a column of feature vectors. Built-in networks give
 * their predictions the mean and deviation of the label themselves.
 *
 * <pre>{@code
 * FabricRegressionModel model =
 *     new FabricRegressor().setNetwork(Network.mlp(64, 64)).setMaxIter(50).fit(train);
 * }</pre>
 */
public final class FabricRegressor extends Regressor<Vector, FabricRegressor, FabricRegressionModel>
    implements FabricTrainingParams<FabricRegressor>, MLWritable {
  private static final long serialVersionUID = 1L;

  private String uid; // no initializer: it is set while super() runs
  private final TrainingParamSet params;

  /** Makes a regressor with default params. */
  public FabricRegressor() {
    this(StageUid.random("fabricRegressor"));
  }

  /** Makes a regressor with default params and a given uid. */
  public FabricRegressor(String uid) {
    this(StageUid.give(uid));
  }

  private FabricRegressor(StageUid unused) {
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
    FitChecks.run(this, schema, List.of(lossOfLabel()));
    return super.transformSchema(schema);
  }

  private String lossOfLabel() {
    if (getLoss().equals("cross_entropy")) {
      throw new IllegalArgumentException(
          "The loss of a regressor is 'cross_entropy', which is for classes. Use auto, mse, mae or"
              + " huber, or a FabricClassifier.");
    }
    return getLoss().equals("auto") ? "mse" : getLoss();
  }

  @Override
  public FabricRegressionModel train(Dataset<?> dataset) {
    Fitted fitted =
        Fit.run(this, dataset, FitRequest.of(getFeaturesCol(), getLabelCol(), lossOfLabel()));
    return new FabricRegressionModel(uid, fitted.network(), fitted.summary());
  }

  /** Fits with each setting, side by side as far as there are task slots. */
  @Override
  public Seq<FabricRegressionModel> fit(Dataset<?> dataset, Seq<ParamMap> settings) {
    return ParallelFits.run(this, dataset, settings);
  }

  @Override
  public FabricRegressor copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }

  /** Returns a reader of saved regressors. */
  public static MLReader<FabricRegressor> read() {
    return StageReader.ofParams(FabricRegressor.class, FabricRegressor::new);
  }

  /** Loads a regressor. */
  public static FabricRegressor load(String path) {
    return read().load(path);
  }
}
