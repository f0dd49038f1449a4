package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.spark.checkpoint.MiniHdfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelReloadIT {

  @Test
  void anotherProcessPredictsTheSameBitsWithAModelOnHdfs(@TempDir Path folder) throws Exception {
    try (MiniHdfs hdfs = new MiniHdfs(folder.resolve("hdfs"), 1, Map.of());
        SparkSession spark = SmallModels.session()) {
      PipelineModel model = pipeline(spark);
      String path = hdfs.root() + "/models/digits";
      model.write().overwrite().save(path);
      model.write().overwrite().save(path);
      List<String> here = ReloadedModel.predictions(model, spark);
      assertThat(here).hasSize(50);
      assertThat(ReloadedModel.predictions(PipelineModel.load(path), spark)).isEqualTo(here);
      assertThat(predictElsewhere(path, folder)).isEqualTo(here);
    }
  }

  private static PipelineModel pipeline(SparkSession spark) {
    FabricRegressionModel regression = SmallModels.regression().setPredictionCol("value");
    FabricModel general =
        SmallModels.general().setFeaturesCols("features", "kind").setPredictionCols("a", "b", "c");
    return new Pipeline()
        .setStages(new PipelineStage[] {SmallModels.classifier(), regression, general})
        .fit(SmallModels.rows(spark, 1));
  }

  private static List<String> predictElsewhere(String path, Path folder)
      throws IOException, InterruptedException {
    Path predictions = folder.resolve("predictions");
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ReloadedModel.class.getName(), path, predictions.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    return Files.readAllLines(predictions);
  }
}
