package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

class EstimatorPersistenceTest {
  private static SparkSession spark;
  @TempDir private Path folder;
  private String path;

  @BeforeAll
  static void startSpark() {
    spark = SmallModels.session();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @BeforeEach
  void choosePath() {
    path = folder.resolve("estimator").toString();
  }

  private static void assertSame(Params expected, Params actual) {
    assertThat(actual.uid()).isEqualTo(expected.uid());
    assertThat(actual.extractParamMap().size()).isEqualTo(expected.extractParamMap().size());
    for (ParamPair<?> pair : CollectionConverters.asJava(expected.extractParamMap().toSeq())) {
      assertThat(actual.get(actual.getParam(pair.param().name())).isDefined())
          .as(pair.param().name())
          .isEqualTo(expected.isSet(pair.param()));
      Object value = actual.extractParamMap().get(actual.getParam(pair.param().name())).get();
      assertThat(value).as(pair.param().name()).usingRecursiveComparison().isEqualTo(pair.value());
    }
  }

  @Test
  void estimatorsComeBackWithTheirParams() throws IOException {
    FabricClassifier classifier =
        new FabricClassifier().setNetwork(Network.mlp(7, 5)).setHandleInvalid("skip");
    classifier.setThresholds(new double[] {0.5, 0.25}).setLabelCol("digit");
    classifier.save(path);
    assertSame(classifier, FabricClassifier.load(path));
    assertThat(FabricClassifier.load(path).getNetwork()).isEqualTo(Network.mlp(7, 5));

    FabricRegressor regressor = new FabricRegressor().setNetwork(Network.linear());
    regressor.write().overwrite().save(path);
    assertSame(regressor, FabricRegressor.load(path));

    FabricEstimator general =
        new FabricEstimator()
            .setFeaturesCols("a", "b")
            .setLabelCols("x", "y")
            .setLosses("mse", "cross_entropy")
            .setPredictionCols("px", "py");
    general.write().overwrite().save(path);
    assertSame(general, FabricEstimator.load(path));
  }

  @Test
  void pipelinesWithEstimatorsComeBack() throws IOException {
    FabricClassifier classifier = new FabricClassifier().setNetwork(Network.mlp(3));
    VectorAssembler assembler =
        new VectorAssembler().setInputCols(new String[] {"a", "b"}).setOutputCol("features");
    new Pipeline().setStages(new PipelineStage[] {assembler, classifier}).save(path);
    assertSame(classifier, Pipeline.load(path).getStages()[1]);
  }

  @Test
  void codeIsNotSaved() throws IOException {
    new FabricEstimator().save(path);
    FabricEstimator withCode =
        new FabricEstimator().setLossFunction((labels, outputs) -> outputs.head());
    assertThatThrownBy(() -> withCode.write().overwrite().save(path))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageStartingWith("The stage cannot be saved with its param lossFunction");
    assertThat(FabricEstimator.load(path).getLabelCols()).containsExactly("label");
  }

  @Test
  void refusesALaterLayout() throws IOException {
    new FabricRegressor().save(path);
    Files.writeString(Path.of(path, "fabric.json"), "{\"formatVersion\":2}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricRegressor.load(path))
        .withMessageContaining("its layout has version 2, and this release reads versions up to 1");
  }
}
