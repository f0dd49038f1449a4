package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import scala.jdk.javaapi.CollectionConverters;

/** Spark's tuning over fits. */
@Timeout(240)
class FabricTuningIT extends MLTest {

  private static ParamMap[] grid(FabricClassifier classifier) {
    return new ParamGridBuilder()
        .addGrid(
            classifier.network(),
            CollectionConverters.asScala(List.of(Network.mlp(8), Network.linear())).toSeq())
        .addGrid(classifier.numWorkers(), new int[] {1, 3})
        .build();
  }

  @Test
  void crossValidatorFitsInParallelAndKeepsTheValidationColumn() {
    Dataset<Row> rows = points(150);
    FabricClassifier classifier =
        classifier().setValidationIndicatorCol("held").setWeightCol("weight").setMaxIter(4);

    CrossValidatorModel tuned =
        new CrossValidator()
            .setEstimator(classifier)
            .setEstimatorParamMaps(grid(classifier))
            .setEvaluator(new MulticlassClassificationEvaluator().setMetricName("accuracy"))
            .setNumFolds(2)
            .setParallelism(4)
            .fit(rows);

    assertThat(Arrays.stream(tuned.avgMetrics())).hasSize(4).allMatch(accuracy -> accuracy > 0.8);
    FabricClassificationModel best = (FabricClassificationModel) tuned.bestModel();
    assertThat(best.summary().validationRows()).isEqualTo(30);
    assertThat(best.summary().epochs())
        .hasSize(4)
        .allSatisfy(epoch -> assertThat(epoch.validation()).containsKey("loss"));
  }

  @Test
  void trainValidationSplitWorks() {
    FabricClassifier classifier = classifier();

    double[] metrics =
        new TrainValidationSplit()
            .setEstimator(classifier)
            .setEstimatorParamMaps(grid(classifier))
            .setEvaluator(new MulticlassClassificationEvaluator())
            .setParallelism(2)
            .fit(points(150))
            .validationMetrics();

    assertThat(Arrays.stream(metrics)).hasSize(4).allMatch(f1 -> f1 > 0.9);
  }

  @Test
  void severalSettingsGiveTheirModelsInOrder() {
    FabricClassifier classifier = classifier();
    List<ParamMap> settings =
        IntStream.rangeClosed(1, 6)
            .mapToObj(i -> new ParamMap().put(classifier.maxIter(), i))
            .toList();

    List<FabricClassificationModel> models =
        CollectionConverters.asJava(
            classifier.fit(points(60), CollectionConverters.asScala(settings).toList()));

    assertThat(models.stream().map(model -> model.summary().totalIterations()))
        .containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void oneFitThatFailsEndsTheOthers() {
    FabricClassifier classifier = classifier();
    List<ParamMap> settings =
        List.of(
            new ParamMap().put(classifier.maxIter(), 1),
            new ParamMap().put(classifier.numWorkers(), 9));

    assertThatThrownBy(
            () -> classifier.fit(points(60), CollectionConverters.asScala(settings).toList()))
        .hasMessageContaining("Cannot launch 9 ranks");
    // The slots of the other fit are free.
    classifier.setNumWorkers(4).fit(points(60));
  }
}
