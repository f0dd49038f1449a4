package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.fabric4j.internal.distributed.ObjectCodec;
import java.util.List;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FabricModelTest {
  private static final int ROWS = 40;
  private static SparkSession spark;
  private static Dataset<Row> rows;

  @BeforeAll
  static void startSpark() {
    spark = SmallModels.session();
    rows = SmallModels.rows(spark, ROWS).cache();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void aClassifierAddsSparksColumns() {
    FabricClassificationModel model = SmallModels.classifier().setInferBatchSize(7);
    Dataset<Row> result = model.transform(rows);
    StructType schema = model.transformSchema(rows.schema());
    assertThat(result.schema()).isEqualTo(schema);
    assertThat(schema.fieldNames())
        .containsExactly(
            "id", "features", "kind", "label", "prediction", "rawPrediction", "probability");
    for (Row row : result.collectAsList()) {
      Vector raw = row.getAs("rawPrediction");
      Vector alone = model.predictRaw(row.getAs("features"));
      for (int i = 0; i < SmallModels.CLASSES; i++) {
        assertThat(raw.apply(i)).isEqualTo(alone.apply(i), within(1e-5));
      }
      assertThat(row.<Vector>getAs("probability")).isEqualTo(model.raw2probability(raw));
      assertThat(row.<Vector>getAs("probability").toArray())
          .satisfies(p -> assertThat(p[0] + p[1] + p[2]).isEqualTo(1, within(1e-9)));
      assertThat(row.<Double>getAs("prediction")).isEqualTo((double) raw.argmax());
    }
    assertThat(result.select("prediction").distinct().count()).isGreaterThan(1);
  }

  @Test
  void anyOfTheColumnsMayBeUnset() {
    FabricClassificationModel model = SmallModels.classifier();
    List<Row> all = model.transform(rows).orderBy("id").collectAsList();
    for (int set = 0; set < 8; set++) {
      model
          .setPredictionCol((set & 1) == 0 ? "" : "prediction")
          .setRawPredictionCol((set & 2) == 0 ? "" : "rawPrediction")
          .setProbabilityCol((set & 4) == 0 ? "" : "probability");
      Dataset<Row> result = model.transform(rows);
      assertThat(result.schema()).isEqualTo(model.transformSchema(rows.schema()));
      assertThat(result.schema().size()).isEqualTo(4 + Integer.bitCount(set));
      Row row = result.orderBy("id").collectAsList().get(3);
      for (String column : result.columns()) {
        assertThat(row.<Object>getAs(column)).isEqualTo(all.get(3).getAs(column));
      }
    }
  }

  @Test
  void thresholdsDecideAsInSpark() {
    FabricClassificationModel model = SmallModels.classifier();
    model.setThresholds(new double[] {1, 1, 0});
    for (Row row : model.transform(rows).collectAsList()) {
      assertThat(row.<Double>getAs("prediction")).isEqualTo(2);
      assertThat(model.predict(row.getAs("features"))).isEqualTo(2);
    }
    model.setThresholds(new double[] {0.9, 0.05, 0.05});
    for (Row row : model.transform(rows).collectAsList()) {
      Vector p = row.getAs("probability");
      double[] scaled = {p.apply(0) / 0.9, p.apply(1) / 0.05, p.apply(2) / 0.05};
      assertThat(row.<Double>getAs("prediction")).isEqualTo(Vectors.dense(scaled).argmax());
    }
    ParamMap tooFew = new ParamMap().put(model.thresholds().w(new double[] {0.5, 0.5}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.transform(rows, tooFew))
        .withMessage(
            "The model has 3 classes, but there are 2 thresholds. Set one for each class.");
  }

  @Test
  void sparksEvaluatorsTakeThePredictions() {
    MulticlassClassificationEvaluator evaluator = new MulticlassClassificationEvaluator();
    Dataset<Row> predicted = SmallModels.classifier().transform(rows);
    assertThat(evaluator.setMetricName("accuracy").evaluate(predicted)).isBetween(0.0, 1.0);
    assertThat(evaluator.setMetricName("logLoss").evaluate(predicted)).isPositive();
  }

  @Test
  void aRegressionAddsItsPrediction() {
    FabricRegressionModel model = SmallModels.regression();
    Dataset<Row> result = model.transform(rows);
    assertThat(result.schema()).isEqualTo(model.transformSchema(rows.schema()));
    for (Row row : result.collectAsList()) {
      double alone = model.predict(row.getAs("features"));
      assertThat(row.<Double>getAs("prediction")).isEqualTo(alone, within(1e-5));
    }
    assertThat(model.setPredictionCol("").transform(rows).columns()).isEqualTo(rows.columns());
    assertThat(model.numFeatures()).isEqualTo(SmallModels.FEATURES);
    assertThat(model.hasSummary()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(model::summary)
        .withMessage("The model regression-1 has no summary; ask hasSummary first.");
  }

  @Test
  void aGeneralModelHasSeveralInputsAndOutputs() {
    FabricModel model =
        SmallModels.general()
            .setFeaturesCols("features", "kind")
            .setPredictionCols("class", "", "pair")
            .setOutputCols("scores", "values", "");
    Dataset<Row> result = model.transform(rows);
    assertThat(result.schema()).isEqualTo(model.transformSchema(rows.schema()));
    assertThat(result.columns())
        .containsExactly("id", "features", "kind", "label", "class", "pair", "scores", "values");
    for (Row row : result.collectAsList()) {
      List<Vector> alone = model.predict(row.getAs("features"), row.getAs("kind"));
      assertThat(row.<Double>getAs("class")).isEqualTo(row.<Vector>getAs("scores").argmax());
      assertThat(row.<Vector>getAs("values").apply(0))
          .isEqualTo(alone.get(1).apply(0), within(1e-5));
      assertThat(row.<Vector>getAs("pair").apply(1)).isEqualTo(alone.get(2).apply(1), within(1e-5));
    }
  }

  @Test
  void saysWhichColumnsDoNotFit() {
    FabricModel model = SmallModels.general().setFeaturesCols("features");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.transform(rows))
        .withMessage(
            "The model takes 2 columns, but it was given [features]. Name as many as in the fit, in"
                + " the same order: [features, kind].");
    model.setFeaturesCols("features", "kind");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.transform(rows))
        .withMessage(
            "predictionCols is [prediction], but the network has 3 outputs. Give each a name, empty"
                + " for none, or no names at all.");
    model.setPredictionCols("a", "b", "label");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.transform(rows))
        .withMessage(
            "There is a column 'label' already. Choose other predictionCols or outputCols, or drop"
                + " it.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SmallModels.classifier().transform(rows.drop("features")))
        .withMessageContaining("features");
  }

  @Test
  void copiesShareTheNetworkAndKeepTheParams() {
    FabricClassificationModel model = SmallModels.classifier();
    model.setHandleInvalid("skip").setInferBatchSize(5).setUseGpu("false");
    ParamMap extra = new ParamMap().put(model.predictionCol().w("other"));
    FabricClassificationModel copy = model.copy(extra);
    assertThat(copy.uid()).isEqualTo(model.uid());
    assertThat(copy.getPredictionCol()).isEqualTo("other");
    assertThat(copy.getHandleInvalid()).isEqualTo("skip");
    assertThat(copy.getInferBatchSize()).isEqualTo(5);
    assertThat(copy.summary()).isSameAs(model.summary());
    assertThat(copy.estimatedSize()).isEqualTo(model.estimatedSize()).isGreaterThan(100);
    assertThat(copy).hasToString(model.toString());
    assertThat(model)
        .hasToString("FabricClassificationModel: uid=classifier-1, numClasses=3, numFeatures=4");
    for (var param : model.params()) {
      assertThat(param.doc()).isNotEmpty();
      assertThat(param.parent()).isEqualTo(model.uid());
    }
  }

  @Test
  void modelsGoWhereUsersTakeThem() {
    FabricClassificationModel model = SmallModels.classifier();
    Vector features = Vectors.dense(1, 2, 3, 4);
    Object there = ObjectCodec.decode(ObjectCodec.encode(model));
    assertThat(((FabricClassificationModel) there).predictRaw(features))
        .isEqualTo(model.predictRaw(features));
  }

  @Test
  void aModelThatWasNotTrainedSaysSo() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new FabricModel("m").transform(rows))
        .withMessage(
            "The model m has no network: it was constructed, not trained. Use fit of its estimator,"
                + " or load.");
    assertThat(new FabricRegressionModel("r")).hasToString("FabricRegressionModel: uid=r");
    assertThat(new FabricModel().uid()).startsWith("fabricEstimator_");
  }
}
