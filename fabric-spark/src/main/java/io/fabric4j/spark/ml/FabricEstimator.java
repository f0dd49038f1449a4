package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.fit.Fit;
import io.fabric4j.spark.internal.ml.fit.FitChecks;
import io.fabric4j.spark.internal.ml.fit.FitRequest;
import io.fabric4j.spark.internal.ml.fit.Fitted;
import io.fabric4j.spark.internal.ml.fit.ParallelFits;
import io.fabric4j.spark.internal.ml.params.GeneralColumns;
import io.fabric4j.spark.internal.ml.params.LabelParams;
import io.fabric4j.spark.internal.ml.params.ObjectParam;
import io.fabric4j.spark.internal.ml.params.TrainingParamSet;
import java.util.Collections;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;

/**
 * Trains any network on any columns: several inputs, several labels, a loss of one's own.
 *
 * <pre>{@code
 * FabricModel model =
 *     new FabricEstimator()
 *         .setFeaturesCols("city", "device", "numbers")
 *         .setCategoricalCols("city", "device")
 *         .setLabelCols("clicked", "seconds")
 *         .setLosses("cross_entropy", "mse")
 *         .setPredictionCols("willClick", "expectedSeconds")
 *         .setNetwork(Network.wideAndDeep(64, 32))
 *         .fit(train);
 * }</pre>
 *
 * <p>Columns become tensors as for {@link io.fabric4j.spark.SparkFabric.Builder#input}. A column
 * that a StringIndexer has made is categorical by its metadata.
 */
public final class FabricEstimator extends Estimator<FabricModel>
    implements FabricTrainingParams<FabricEstimator>,
        FabricColumnsParams<FabricEstimator>,
        MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final TrainingParamSet params;
  private final GeneralColumns columns;
  private final LabelParams labels;

  /** Makes an estimator with default params. */
  public FabricEstimator() {
    this(StageUid.random("fabricEstimator"));
  }

  /** Makes an estimator with default params and a given uid. */
  public FabricEstimator(String uid) {
    this(StageUid.give(uid));
  }

  private FabricEstimator(StageUid unused) {
    uid = StageUid.take();
    params = new TrainingParamSet(this);
    columns = new GeneralColumns(this);
    labels = new LabelParams(this);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public TrainingParamSet paramSet() {
    return params;
  }

  @Override
  public GeneralColumns generalColumns() {
    return columns;
  }

  /** Inputs whose values are the numbers of categories, beside those whose metadata say so. */
  public StringArrayParam categoricalCols() {
    return labels.categoricalCols();
  }

  /** Returns {@link #categoricalCols}. */
  public String[] getCategoricalCols() {
    return $(categoricalCols());
  }

  /** Sets {@link #categoricalCols}. */
  public FabricEstimator setCategoricalCols(String... value) {
    set(categoricalCols(), value);
    return this;
  }

  /** Columns to predict, in the order of the network's outputs. Default {@code label}. */
  public StringArrayParam labelCols() {
    return labels.labelCols();
  }

  /** Returns {@link #labelCols}. */
  public String[] getLabelCols() {
    return $(labelCols());
  }

  /** Sets {@link #labelCols}. */
  public FabricEstimator setLabelCols(String... value) {
    set(labelCols(), value);
    return this;
  }

  /** The loss of each label, by the names of {@link #loss}; unset: {@link #loss} for all. */
  public StringArrayParam losses() {
    return labels.losses();
  }

  /** Returns {@link #losses}. */
  public String[] getLosses() {
    return $(losses());
  }

  /** Sets {@link #losses}. */
  public FabricEstimator setLosses(String... value) {
    set(losses(), value);
    return this;
  }

  /**
   * A loss of one's own over all labels and outputs, instead of {@link #loss}. The model's outputs
   * are then the network's, as values.
   */
  public ObjectParam<RowLoss> lossFunction() {
    return labels.lossFunction();
  }

  /** Returns {@link #lossFunction}. */
  public RowLoss getLossFunction() {
    return $(lossFunction());
  }

  /** Sets {@link #lossFunction}. */
  public FabricEstimator setLossFunction(RowLoss value) {
    set(lossFunction(), value);
    return this;
  }

  private List<String> lossOfLabels() {
    if (isDefined(losses())) {
      return List.of(getLosses());
    }
    String all = getLoss().equals("auto") ? "mse" : getLoss();
    return Collections.nCopies(getLabelCols().length, all);
  }

  /**
   * Returns the schema of the model's output, as far as it is known before the fit: the columns
   * that come from outputs of several values are doubles here.
   *
   * @throws IllegalArgumentException if a column is missing, or params contradict each other
   */
  @Override
  public StructType transformSchema(StructType schema) {
    requireColumns(schema, getFeaturesCols(), "featuresCols");
    requireColumns(schema, getLabelCols(), "labelCols");
    List<String> losses = lossOfLabels();
    if (losses.size() != getLabelCols().length) {
      throw new IllegalArgumentException(
          "There are %d losses, %s, but %d labels, %s. Give each label one."
              .formatted(losses.size(), losses, getLabelCols().length, List.of(getLabelCols())));
    }
    for (String name : getCategoricalCols()) {
      if (!List.of(getFeaturesCols()).contains(name)) {
        throw new IllegalArgumentException(
            "'%s' is one of the categoricalCols, but not of the featuresCols %s. Name it there too."
                .formatted(name, List.of(getFeaturesCols())));
      }
    }
    requireNames(getPredictionCols(), "predictionCols");
    requireNames(getOutputCols(), "outputCols");
    FitChecks.run(this, schema, losses);
    return FabricColumns.outputSchema(this, schema, losses);
  }

  /** With a loss of one's own the network alone knows how many outputs it has. */
  private void requireNames(String[] names, String param) {
    if (!isDefined(lossFunction()) && names.length != 0 && names.length != getLabelCols().length) {
      throw new IllegalArgumentException(
          "%s is %s, but there are the labels %s. Give each a name, empty for none, or no names at all."
              .formatted(param, List.of(names), List.of(getLabelCols())));
    }
  }

  private static void requireColumns(StructType schema, String[] names, String param) {
    if (names.length == 0) {
      throw new IllegalArgumentException(param + " is empty. Name at least one column.");
    }
    for (String name : names) {
      FitChecks.requireColumn(schema, name, param);
    }
  }

  @Override
  public FabricModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema(), true);
    RowLoss own = isDefined(lossFunction()) ? getLossFunction() : null;
    FitRequest request =
        new FitRequest(
            List.of(getFeaturesCols()),
            List.of(getCategoricalCols()),
            List.of(getLabelCols()),
            lossOfLabels(),
            own);
    Fitted fitted = Fit.run(this, dataset, request);
    FabricModel model = new FabricModel(uid, fitted.network(), fitted.summary());
    return copyValues(model.setParent(this), ParamMap.empty());
  }

  /** Fits with each setting, side by side as far as there are task slots. */
  @Override
  public Seq<FabricModel> fit(Dataset<?> dataset, Seq<ParamMap> settings) {
    return ParallelFits.run(this, dataset, settings);
  }

  @Override
  public FabricEstimator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  @Override
  public MLWriter write() {
    return new StageWriter(this);
  }

  /** Returns a reader of saved estimators. */
  public static MLReader<FabricEstimator> read() {
    return StageReader.ofParams(FabricEstimator.class, FabricEstimator::new);
  }

  /** Loads an estimator. */
  public static FabricEstimator load(String path) {
    return read().load(path);
  }
}
