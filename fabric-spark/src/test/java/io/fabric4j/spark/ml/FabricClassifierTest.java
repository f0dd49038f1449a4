package io.fabric4j.spark.ml;

import static org.apache.spark.sql.functions.array_repeat;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fabric4j.callbacks.Callback;
import java.util.List;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class FabricClassifierTest extends MLTest {

  private static double accuracy(FabricClassificationModel model, Dataset<Row> rows) {
    return new MulticlassClassificationEvaluator()
        .setMetricName("accuracy")
        .evaluate(model.transform(rows));
  }

  @Test
  void learnsClassesWhateverTheUnitsOfItsInputs() {
    Dataset<Row> rows = points(600);

    FabricClassificationModel model = classifier().fit(rows);

    assertThat(model.numClasses()).isEqualTo(3);
    assertThat(model.numFeatures()).isEqualTo(2);
    assertThat(accuracy(model, rows)).isGreaterThan(0.98);
    assertThat(
            new MulticlassClassificationEvaluator()
                .setMetricName("logLoss")
                .evaluate(model.transform(rows)))
        .isLessThan(0.2);
  }

  @Test
  void transformSchemaIsTheSchemaOfTransform() {
    Dataset<Row> rows = points(60);
    FabricClassifier classifier = classifier().setMaxIter(1);

    assertThat(classifier.fit(rows).transform(rows).schema().fieldNames())
        .isEqualTo(classifier.transformSchema(rows.schema()).fieldNames());
  }

  @Test
  void thresholdsShiftPredictions() {
    Dataset<Row> rows = points(300).where("label < 2");
    FabricClassifier classifier = classifier().setNetwork(Network.linear());

    FabricClassificationModel model = classifier.setThresholds(new double[] {1, 0}).fit(rows);

    assertThat(model.getThresholds()).containsExactly(1, 0);
    assertThat(model.transform(rows).where("prediction = 0").count()).isZero();
    assertThat(new BinaryClassificationEvaluator().evaluate(model.transform(rows)))
        .isGreaterThan(0.99);
  }

  @Test
  void aWeightCountsAsThatManyRows() {
    Dataset<Row> weighted = points(60);
    Dataset<Row> repeated =
        weighted.withColumn("copy", explode(array_repeat(lit(1), col("weight").cast("int"))));
    FabricClassifier classifier = classifier().setBatchSize(1000).setMaxIter(10).setSeed(3);

    Vector expected = classifier.fit(repeated).predictRaw(features(weighted));
    for (int workers : List.of(1, 2, 3)) {
      FabricClassifier own = classifier.copy(org.apache.spark.ml.param.ParamMap.empty());
      Vector found =
          own.setWeightCol("weight")
              .setNumWorkers(workers)
              .fit(weighted)
              .predictRaw(features(weighted));

      assertThat(found.toArray())
          .as(workers + " ranks")
          .containsExactly(expected.toArray(), within(1e-5));
    }
  }

  private static Vector features(Dataset<Row> rows) {
    return rows.select("features").head().getAs(0);
  }

  @Test
  void anyNumberOfRanksTrainsAlikeOnTheSameGlobalBatches() {
    Dataset<Row> rows = points(90);
    FabricClassifier classifier = classifier().setBatchSize(300).setMaxIter(8).setSeed(5);

    double[] expected = classifier.fit(rows).predictRaw(features(rows)).toArray();

    for (int workers : List.of(2, 3)) {
      assertThat(classifier.setNumWorkers(workers).fit(rows).predictRaw(features(rows)).toArray())
          .as(workers + " ranks")
          .containsExactly(expected, within(1e-4));
    }
  }

  @Test
  void keepsTheWeightsOfTheBestEpochAndStopsEarly() {
    // Rows whose labels are wrong: the better the training rows are learnt, the worse these are.
    Dataset<Row> rows =
        points(200)
            .withColumn("label", org.apache.spark.sql.functions.expr("if(held, 2 - label, label)"));
    FabricClassifier classifier =
        classifier()
            .setValidationIndicatorCol("held")
            .setMetrics("accuracy")
            .setMaxIter(40)
            .setEarlyStoppingRounds(3)
            .setNumWorkers(2);

    FabricTrainingSummary summary = classifier.fit(rows).summary();

    assertThat(summary.stoppedEarly()).isTrue();
    assertThat(summary.epochs()).hasSize(summary.bestEpoch() + 1 + 3);
    assertThat(summary.trainRows()).isEqualTo(160);
    assertThat(summary.validationRows()).isEqualTo(40);
    double best = summary.epochs().get(summary.bestEpoch()).validation().get("loss");
    assertThat(summary.epochs())
        .allSatisfy(
            epoch -> assertThat(epoch.validation().get("loss")).isGreaterThanOrEqualTo(best))
        .allSatisfy(epoch -> assertThat(epoch.validation()).containsKey("accuracy"));
    FabricClassificationModel model =
        classifier.setMaxIter(summary.bestEpoch() + 1).setEarlyStoppingRounds(0).fit(rows);
    assertThat(model.summary().bestEpoch()).isEqualTo(summary.bestEpoch());
    double loss =
        new MulticlassClassificationEvaluator()
            .setMetricName("logLoss")
            .evaluate(model.transform(rows.where("held")));
    assertThat(loss).isCloseTo(best, within(1e-4));
  }

  @Test
  void validatesOnAFractionThatDoesNotDependOnTheNumberOfRanks() {
    Dataset<Row> rows = points(500);
    FabricClassifier classifier = classifier().setValidationFraction(0.2).setMaxIter(1);

    FabricTrainingSummary one = classifier.fit(rows).summary();
    FabricTrainingSummary three = classifier.setNumWorkers(3).fit(rows.repartition(5)).summary();

    assertThat(one.validationRows()).isBetween(60L, 140L).isEqualTo(three.validationRows());
    assertThat(one.trainRows() + one.validationRows()).isEqualTo(500);
    assertThat(three.numWorkers()).isEqualTo(3);
  }

  @Test
  void tellsItsHistoryAsADataFrame() {
    FabricTrainingSummary summary =
        classifier().setMaxIter(3).setValidationFraction(0.3).fit(points(100)).summary();

    Dataset<Row> history = summary.history(spark);

    assertThat(history.columns())
        .containsExactly("epoch", "seconds", "rowsPerSecond", "train_loss", "validation_loss");
    assertThat(history.count()).isEqualTo(3);
    assertThat(summary.objectiveHistory()).hasSize(3);
    assertThat(summary.totalIterations()).isEqualTo(3);
    assertThat(FabricTrainingSummary.fromJson(summary.toJson())).isEqualTo(summary);
  }

  @Test
  void takesTheNumberOfClassesFromMetadata() {
    Dataset<Row> rows = points(60);
    Dataset<Row> indexed =
        rows.withColumn(
            "label",
            col("label"),
            NominalAttribute.defaultAttr().withName("label").withNumValues(5).toMetadata());

    assertThat(classifier().setMaxIter(1).fit(indexed).numClasses()).isEqualTo(5);
  }

  @Test
  void trainsABlockOfOnesOwnAndAccumulatesGradients() {
    Dataset<Row> rows = points(300).selectExpr("features", "label");

    FabricClassificationModel model =
        classifier()
            .setNetwork(Network.of(new TwoLayers()))
            .setOptimizer("adamw")
            .setAccumulateSteps(2)
            .setGradientClip(1)
            .setNumWorkers(2)
            .setBatchSize(32)
            .setMaxIter(20)
            .fit(rows);

    assertThat(accuracy(model, rows)).isGreaterThan(0.95);
  }

  @Test
  void callsHooksOnTheRanks() {
    FabricClassifier classifier =
        classifier().setMaxIter(2).setCallbacks(new Object[] {new EpochsInProperty()});
    System.clearProperty(EpochsInProperty.NAME);

    classifier.fit(points(60));

    assertThat(System.getProperty(EpochsInProperty.NAME)).isEqualTo("1");
    System.clearProperty(EpochsInProperty.NAME);
  }

  /** Ranks of a local master share the driver's properties. */
  static final class EpochsInProperty implements Callback, java.io.Serializable {
    private static final long serialVersionUID = 1L;
    static final String NAME = "fabric4j.test.epoch";

    public void onTrainEpochEnd(int epoch) {
      System.setProperty(NAME, Integer.toString(epoch));
    }
  }
}
