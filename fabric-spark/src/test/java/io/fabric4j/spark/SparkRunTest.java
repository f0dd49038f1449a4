package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricException;
import io.fabric4j.FabricRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs of two ranks that are launched again. */
@Timeout(60)
class SparkRunTest extends SparkTest {
  @TempDir private Path folder;

  private static Dataset<Row> numbers(String expression) {
    return spark.range(40).selectExpr(expression);
  }

  private SparkFabric.Builder builder(Dataset<Row> rows) {
    return SparkFabric.builder(spark)
        .numWorkers(2)
        .run("file:" + folder, "sum")
        .checkpointInterval(1)
        .input("train", rows);
  }

  /** Sums the numbers of three epochs, each batch with the number of its step. */
  private static ShardFunction<Double> sum(long deathStep) {
    return (fabric, shards) -> {
      FabricDataLoader train =
          fabric.setupDataloaders(
              FabricDataLoader.of(shards.get("train").dataset(List.of("x"), List.of("x")))
                  .batchSize(5)
                  .shuffle(true));
      try (NDArray sum = fabric.manager().zeros(new Shape(1))) {
        FabricRun run = fabric.resume(new HashMap<>(Map.of("sum", sum)));
        for (int epoch : run.epochs(3)) {
          for (FabricBatch batch : run.iterate(train)) {
            add(fabric, batch, run.step() + epoch, sum);
            run.stepDone();
            if (run.step() == deathStep) {
              throw new IllegalStateException("dies");
            }
          }
        }
        return (double) sum.getFloat();
      }
    };
  }

  private static void add(Fabric fabric, FabricBatch batch, long factor, NDArray sum) {
    float own = batch.isFiller() ? 0 : batch.getData().singletonOrThrow().sum().getFloat();
    sum.addi(factor * fabric.allReduce(own));
  }

  private String names() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("sum"))) {
      return files.map(f -> f.getFileName().toString()).sorted().collect(Collectors.joining(" "));
    }
  }

  @Test
  void goesOnWhereAnEarlierLaunchDied() throws IOException {
    double whole =
        builder(numbers("float(id) as x"))
            .option(SparkFabricOptions.RUN_ID, "whole")
            .build()
            .launch(sum(-1));
    SparkFabric dying = builder(numbers("float(id) as x")).build();
    assertThatThrownBy(() -> dying.launch(sum(7)))
        .isInstanceOf(FabricException.class)
        .hasMessageContaining("dies");
    assertThat(names())
        .isEqualTo("_owner step-4.a0.safetensors step-5.a0.safetensors step-6.a0.safetensors");
    assertThat(folder.resolve("sum/_owner"))
        .content()
        .contains(spark.sparkContext().applicationId());
    assertThat(dying.launch(sum(-1))).isEqualTo(whole);
    assertThat(dying.launch(sum(1))).as("returned at once").isEqualTo(whole);
  }

  @Test
  void noticesRowsInAnotherOrder() {
    assertThatThrownBy(() -> builder(numbers("float(id) as x")).build().launch(sum(7)))
        .hasMessageContaining("dies");
    SparkFabric other =
        builder(numbers("float(id + 1) as x"))
            .option(SparkFabricOptions.EXACT_RESUME, "require")
            .build();
    assertThatThrownBy(() -> other.launch(sum(-1)))
        .isInstanceOf(FabricException.class)
        .hasMessageContaining(
            "The run cannot go on exactly from "
                + "file:"
                + folder
                + "/sum/step-6.a0.safetensors: rank ")
        .hasMessageContaining("has other rows, or rows in another order, in data loader 0")
        .hasMessageContaining("Nothing was restored.");
  }

  @Test
  void namesARunThatHasNoId() throws IOException {
    builder(numbers("float(id) as x")).run("file:" + folder, "").build().launch(sum(-1));

    assertThat(folder.toFile().list())
        .singleElement()
        .asString()
        .startsWith(spark.sparkContext().applicationId() + "-");
  }

  @Test
  void looksAtTheFolderBeforeItStarts() {
    SparkFabric fabric = builder(numbers("float(id) as x")).run("/proc/version", "a").build();

    assertThatThrownBy(() -> fabric.launch(sum(-1)))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("Cannot launch: Cannot create checkpoint file /proc/version/a/");
  }
}
