package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.internal.torch.TorchLibrary;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** The all jar is what an executor process needs besides Spark's own jars. */
class AllJarIT {
  private static final String ALL_JAR = System.getProperty("fabric.all.jar");

  @Test
  void loadsTorchInExecutorProcesses() throws IOException {
    String testClasses = new File("target/test-classes").getAbsolutePath();
    try (SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .config("spark.executor.extraClassPath", ALL_JAR + File.pathSeparator + testClasses)
            .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      List<String> jars =
          context.parallelize(List.of(0, 1), 2).map(ignored -> loadTorch()).collect();
      assertThat(jars).containsExactly(ALL_JAR, ALL_JAR);
    }
  }

  /** Returns the jar that the bridge came from. */
  private static String loadTorch() throws URISyntaxException {
    TorchLibrary.load();
    return new File(TorchLibrary.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .getPath();
  }
}
