package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPersistenceTest {
  private static SparkSession spark;
  private static Dataset<Row> rows;
  @TempDir private Path folder;
  private Path path;

  @BeforeAll
  static void startSpark() {
    spark = SmallModels.session();
    rows = SmallModels.rows(spark, 20).cache();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @BeforeEach
  void choosePath() {
    path = folder.resolve("model");
  }

  private static void assertSamePredictions(Transformer expected, Transformer actual) {
    assertThat(actual.uid()).isEqualTo(expected.uid());
    assertThat(explain(actual)).isEqualTo(explain(expected));
    Dataset<Row> predicted = actual.transform(rows);
    assertThat(predicted.schema()).isEqualTo(expected.transform(rows).schema());
    assertThat(predicted.orderBy("id").collectAsList())
        .isEqualTo(expected.transform(rows).orderBy("id").collectAsList());
  }

  /** Arrays print as addresses. */
  private static String explain(Transformer stage) {
    return stage.explainParams().replaceAll("\\[[\\w.;]+@\\w+", "array");
  }

  @Test
  void modelsComeBackWithTheSamePredictions() throws IOException {
    FabricClassificationModel classifier = SmallModels.classifier();
    classifier.setThresholds(new double[] {0.1, 0.2, 0.3}).setHandleInvalid("keep");
    classifier.save(path.toString());
    FabricClassificationModel loaded = FabricClassificationModel.load(path.toString());
    assertSamePredictions(classifier, loaded);
    assertThat(loaded.summary()).isEqualTo(SmallModels.SUMMARY);
    assertThat(loaded.getThresholds()).containsExactly(0.1, 0.2, 0.3);

    FabricRegressionModel regression = SmallModels.regression();
    regression.write().overwrite().save(path.toString());
    assertSamePredictions(regression, FabricRegressionModel.load(path.toString()));
    assertThat(FabricRegressionModel.load(path.toString()).hasSummary()).isFalse();

    FabricModel general =
        SmallModels.general()
            .setFeaturesCols("features", "kind")
            .setPredictionCols("a", "b", "c")
            .setOutputCols("x", "", "z");
    general.write().overwrite().save(path.toString());
    assertSamePredictions(general, FabricModel.load(path.toString()));
    assertThat(FabricModel.load(path.toString()).signature()).isEqualTo(general.signature());
  }

  @Test
  void modelsArePartOfPipelines() throws IOException {
    FabricClassificationModel model = SmallModels.classifier();
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {model});
    pipeline.save(folder.resolve("pipeline").toString());
    PipelineModel fitted = Pipeline.load(folder.resolve("pipeline").toString()).fit(rows);
    fitted.save(path.toString());
    assertSamePredictions(model, PipelineModel.load(path.toString()).stages()[0]);
  }

  @Test
  void aPlaceIsOverwrittenOnlyOnRequestAndIfTheModelCanBeSaved() throws IOException {
    FabricClassificationModel model = SmallModels.classifier();
    model.save(path.toString());
    assertThatThrownBy(() -> model.save(path.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("already exists");
    BlockFactory lambda = (unused, where, arguments) -> block(arguments);
    FabricClassificationModel own = SmallModels.classifier(Network.of(lambda), SmallModels.SUMMARY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> own.write().overwrite().save(path.toString()))
        .withMessageStartingWith("The network cannot be saved: of its block factory, ")
        .withMessageContaining("Use a named class");
    assertSamePredictions(model, FabricClassificationModel.load(path.toString()));
  }

  /** A network of one's own. */
  public static final class OwnFactory implements BlockFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
      return block(arguments);
    }
  }

  private static Block block(Map<String, ?> arguments) {
    int classes = ((Number) ((List<?>) arguments.get("outputSizes")).get(0)).intValue();
    return Linear.builder().setUnits(classes).build();
  }

  @Test
  void aNetworkOfOnesOwnComesBackByTheNameOfItsClass() throws IOException {
    FabricClassificationModel model =
        SmallModels.classifier(Network.of(new OwnFactory()), SmallModels.SUMMARY);
    model.save(path.toString());
    assertSamePredictions(model, FabricClassificationModel.load(path.toString()));
    String description = Files.readString(path.resolve("fabric.json"));
    assertThat(description).contains(OwnFactory.class.getName());
    replace("fabric.json", OwnFactory.class.getName(), "java.util.ArrayList");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricClassificationModel.load(path.toString()))
        .withMessageStartingWith("Cannot create the network's block factory java.util.ArrayList");
  }

  private void replace(String file, String old, String other) throws IOException {
    String text = Files.readString(path.resolve(file));
    assertThat(text).contains(old);
    Files.writeString(path.resolve(file), text.replace(old, other));
  }

  @Test
  void refusesALaterLayout() throws IOException {
    SmallModels.classifier().save(path.toString());
    replace("fabric.json", "\"formatVersion\":1", "\"formatVersion\":7");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricClassificationModel.load(path.toString()))
        .withMessage(
            "Cannot load %s: its layout has version 7, and this release reads versions up to 1. Load"
                    .formatted(path)
                + " it with the release that wrote it, or a later one.");
  }

  @Test
  void refusesWhatIsNoSuchModel() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricClassificationModel.load(path.toString()))
        .withMessage(
            "There is no stage of Fabric in %s: fabric.json is missing. Name the folder that was"
                    .formatted(path)
                + " given to save.");
    SmallModels.regression().save(path.toString());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricClassificationModel.load(path.toString()))
        .withMessageContaining("Expected class name")
        .withMessageContaining("FabricRegressionModel");
  }

  @Test
  void tellsWhichFileIsDamaged() throws IOException {
    SmallModels.classifier().save(path.toString());
    Path weights = path.resolve("weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    assertDamaged("weights.safetensors");
    Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length - 10));
    assertDamaged("weights.safetensors");
    Files.delete(weights);
    assertDamaged("weights.safetensors");

    SmallModels.classifier().write().overwrite().save(path.toString());
    Files.writeString(path.resolve("summary.json"), "{\"epochs\":");
    assertDamaged("summary.json is damaged: This is no summary of a fit");
    Files.writeString(path.resolve("fabric.json"), "{\"formatVersion\":1");
    assertDamaged("fabric.json is damaged");
    Files.writeString(path.resolve("fabric.json"), "");
    assertDamaged("fabric.json is damaged");

    SmallModels.classifier().write().overwrite().save(path.toString());
    try (var parts = Files.newDirectoryStream(path.resolve("metadata"), "part-*")) {
      for (Path part : parts) {
        Files.writeString(part, "{\"class\":12");
      }
    }
    try (var checksums = Files.newDirectoryStream(path.resolve("metadata"), ".*")) {
      for (Path checksum : checksums) {
        Files.delete(checksum);
      }
    }
    assertDamaged("Cannot load " + path + ": ");
  }

  private void assertDamaged(String message) {
    assertThatThrownBy(() -> FabricClassificationModel.load(path.toString()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("Cannot load " + path + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void sparkConnectMovesModelsToTheDriversDisk() throws IOException {
    FabricClassificationModel model = SmallModels.classifier();
    ((MLWritable) model).write().saveToLocal(path.toString());
    FabricClassificationModel loaded =
        FabricClassificationModel.read().loadFromLocal(path.toString());
    assertSamePredictions(model, loaded);
  }
}
