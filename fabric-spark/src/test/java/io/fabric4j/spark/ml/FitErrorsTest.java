package io.fabric4j.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.nn.core.Linear;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a fit says of inputs and params that cannot work. */
@Timeout(120)
class FitErrorsTest extends MLTest {

  @Test
  void namesMissingColumns() {
    Dataset<Row> rows = points(10);

    assertThatThrownBy(() -> classifier().setFeaturesCol("pixels").fit(rows))
        .hasMessageContaining("No such struct field `pixels`");
    assertThatThrownBy(() -> classifier().setWeightCol("mass").fit(rows))
        .hasMessageStartingWith("There is no column 'mass', which weightCol names.");
    assertThatThrownBy(() -> classifier().setValidationIndicatorCol("test").fit(rows))
        .hasMessageStartingWith("There is no column 'test', which validationIndicatorCol names.");
    assertThatThrownBy(() -> new FabricEstimator().setFeaturesCols("a", "b").fit(rows))
        .hasMessageStartingWith("There is no column 'a', which featuresCols names.");
    assertThatThrownBy(() -> new FabricEstimator().setCategoricalCols("group").fit(rows))
        .hasMessageStartingWith(
            "'group' is one of the categoricalCols, but not of the featuresCols");
  }

  @Test
  void namesColumnsOfTheWrongType() {
    Dataset<Row> rows = points(10).withColumn("text", col("y").cast("string"));

    assertThatThrownBy(() -> classifier().setFeaturesCol("y").fit(rows))
        .hasMessageContaining("y must be of type");
    assertThatThrownBy(() -> classifier().setLabelCol("text").fit(rows))
        .hasMessageContaining("text must be of type numeric");
    assertThatThrownBy(() -> classifier().setWeightCol("text").fit(rows))
        .hasMessage(
            "Column 'text' of weightCol has the type string, but has to be a number or boolean."
                + " Cast it.");
    assertThatThrownBy(
            () -> new FabricEstimator().setFeaturesCols("text").setNumWorkers(1).fit(rows))
        .hasMessageContaining("Column 'text' of input 'rows' has the type string");
  }

  @Test
  void refusesLabelsThatAreNoClasses() {
    assertThatThrownBy(() -> classifier().fit(points(30).withColumn("label", expr("label + 0.5"))))
        .hasMessageContaining("Column 'label' has the value")
        .hasMessageContaining(".5, which is no class: those are numbered 0, 1, 2 and so on");
    assertThatThrownBy(() -> classifier().fit(points(30).withColumn("label", expr("label - 1"))))
        .hasMessageContaining("Column 'label' has the value -1.0, which is no class");
    Dataset<Row> fewer =
        points(30)
            .withColumn(
                "label",
                col("label"),
                NominalAttribute.defaultAttr().withName("label").withNumValues(2).toMetadata());
    assertThatThrownBy(() -> classifier().fit(fewer))
        .hasMessageContaining(
            "Column 'label' has the value 2.0, but its metadata speak of 2 values, 0 to 1.");
  }

  @Test
  void refusesInvalidRowsOrSkipsThem() {
    Dataset<Row> rows = points(30).withColumn("label", expr("if(held, null, label)"));

    assertThatThrownBy(() -> classifier().fit(rows))
        .hasMessageContaining("Column 'label' of input 'rows'")
        .hasMessageContaining("is null");
    classifier().setHandleInvalid("skip").fit(rows);
  }

  @Test
  void refusesWeightsBelowZero() {
    Dataset<Row> rows = points(30).withColumn("weight", expr("-weight"));

    assertThatThrownBy(() -> classifier().setWeightCol("weight").fit(rows))
        .hasMessageContaining("Column 'weight' has the weight -3.0. Weights are finite numbers");
  }

  @Test
  void saysThatThereAreNoRows() {
    assertThatThrownBy(() -> classifier().fit(points(30).where("label > 5")))
        .hasMessageContaining("There are no rows to train on. Look at the DataFrame");
    assertThatThrownBy(
            () ->
                classifier()
                    .setValidationIndicatorCol("held")
                    .fit(points(30).withColumn("held", expr("true"))))
        .hasMessageContaining("There are no rows to train on: all 30 are for validation");
    assertThatThrownBy(
            () ->
                classifier()
                    .setValidationIndicatorCol("held")
                    .fit(points(30).withColumn("held", expr("false"))))
        .hasMessageContaining("There are no rows to validate on among 30.");
  }

  @Test
  void refusesMoreWorkersThanSlots() {
    assertThatThrownBy(() -> classifier().setNumWorkers(9).fit(points(30)))
        .hasMessageContaining("Cannot launch 9 ranks: 4 task slots are available")
        .hasMessageContaining("Set numWorkers to 4 or fewer");
  }

  @Test
  void refusesParamsThatContradictEachOther() {
    Dataset<Row> rows = points(30);

    assertThatThrownBy(() -> classifier().setCheckpointInterval(2).fit(rows))
        .hasMessage(
            "checkpointInterval is 2, but no checkpoints are written. Set checkpointDir, or leave"
                + " checkpointInterval out.");
    assertThatThrownBy(() -> classifier().setRunId("a").fit(rows))
        .hasMessage(
            "runId is a, but no checkpoints are written. Set checkpointDir, or leave runId out.");
    assertThatThrownBy(() -> classifier().setEarlyStoppingRounds(2).fit(rows))
        .hasMessage(
            "earlyStoppingRounds is 2, but there are no validation rows. Set validationFraction or"
                + " validationIndicatorCol.");
    assertThatThrownBy(
            () ->
                classifier().setValidationFraction(0.1).setValidationIndicatorCol("held").fit(rows))
        .hasMessageStartingWith(
            "Both validationIndicatorCol ('held') and validationFraction (0.1)");
    assertThatThrownBy(() -> classifier().setMetrics("mse").setValidationFraction(0.1).fit(rows))
        .hasMessageStartingWith("The metric 'mse' measures labels that are quantities");
    assertThatThrownBy(() -> classifier().setLoss("mse").fit(rows))
        .hasMessageStartingWith("The loss of a classifier is 'mse', which is for quantities.");
    assertThatThrownBy(() -> new FabricRegressor().setLoss("cross_entropy").fit(rows))
        .hasMessageStartingWith(
            "The loss of a regressor is 'cross_entropy', which is for classes.");
    assertThatThrownBy(
            () -> new FabricEstimator().setLabelCols("label", "y").setLosses("mse").fit(rows))
        .hasMessage("There are 1 losses, [mse], but 2 labels, [label, y]. Give each label one.");
    assertThatThrownBy(() -> new FabricEstimator().setLabelCols("label", "y").fit(rows))
        .hasMessage(
            "predictionCols is [prediction], but there are the labels [label, y]. Give each a name,"
                + " empty for none, or no names at all.");
  }

  @Test
  void refusesNetworksThatDoNotFit() {
    assertThatThrownBy(() -> classifier().setNetwork(Network.cnn(4, 4, 1)).fit(points(30)))
        .hasMessageContaining("Column 'features' has 2 elements a row, but cnn(4, 4, 1) takes 16.");
    assertThatThrownBy(() -> classifier().setNetwork(Network.cnn()).fit(points(30)))
        .hasMessageContaining("has rows of shape [2], which tells no height and width");
    assertThatThrownBy(
            () ->
                classifier()
                    .setNetwork(Network.of((m, p, a) -> Linear.builder().setUnits(2).build()))
                    .fit(points(30)))
        .hasMessageContaining(
            "The network has 2 values a row for 'label', but 3 scores of classes are needed.");
    assertThatThrownBy(
            () ->
                classifier()
                    .setNetwork(new TorchScriptNetwork(new byte[] {1, 2, 3}))
                    .fit(points(30)))
        .hasMessageContaining("libtorch cannot read the TorchScript file");
  }

  @Test
  void saysThatTheLossIsNoNumber() {
    assertThatThrownBy(
            () ->
                new FabricRegressor()
                    .setLabelCol("y")
                    .setStandardization(false)
                    .setOptimizer("sgd")
                    .setStepSize(1e6)
                    .setNumWorkers(1)
                    .fit(points(100)))
        .hasMessageContaining("The training loss of epoch")
        .hasMessageContaining("Lower stepSize, set gradientClip");
  }
}
