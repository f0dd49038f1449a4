package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.SparkFabricOptions;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** Executors whose workers claim to have GPUs. */
@Timeout(180)
class GpuClusterIT {
  @TempDir private Path folder;

  /** What a rank was given. */
  private record Place(List<String> devices, List<String> given, int cpus)
      implements Serializable {}

  private SparkSession start(String master, int gpusPerWorker, String... settings)
      throws IOException {
    Path script = folder.resolve("gpus.sh");
    StringBuilder addresses = new StringBuilder();
    for (int i = 0; i < gpusPerWorker; i++) {
      addresses.append(i == 0 ? "" : ",").append("\"GPU-").append(i).append('"');
    }
    Files.writeString(script, "echo '{\"name\": \"gpu\", \"addresses\": [" + addresses + "]}'\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .config("spark.worker.resource.gpu.amount", gpusPerWorker)
            .config("spark.worker.resource.gpu.discoveryScript", script.toString())
            .config("spark.executor.resource.gpu.amount", gpusPerWorker)
            .config(
                "spark.executor.extraClassPath",
                System.getProperty("fabric.all.jar")
                    + File.pathSeparator
                    + new File("target/test-classes").getAbsolutePath())
            .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .config(SparkFabricOptions.EXECUTOR_TIMEOUT, "60s")
            .config("spark.ui.enabled", "false");
    for (int i = 0; i < settings.length; i += 2) {
      builder.config(settings[i], settings[i + 1]);
    }
    return builder.getOrCreate();
  }

  private static SparkFabricOptions options(SparkSession spark, String... settings) {
    Map<String, String> values = new HashMap<>(CollectionConverters.asJava(spark.conf().getAll()));
    for (int i = 0; i < settings.length; i += 2) {
      values.put(settings[i], settings[i + 1]);
    }
    return SparkFabricOptions.of(values);
  }

  /** Runs barrier tasks as a launch would, and returns what they were given. */
  private static List<Place> places(SparkSession spark, SparkFabricOptions options) {
    LaunchPlan plan = Preflight.check(spark.sparkContext(), options);
    RDD<Place> tasks =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(Collections.nCopies(plan.ranks(), 0), plan.ranks())
            .rdd()
            .barrier()
            .mapPartitions(new Look(options), false, ClassTag$.MODULE$.apply(Place.class));
    if (plan.profile().id() != ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID()) {
      tasks.withResources(plan.profile());
    }
    return new ArrayList<>(tasks.toJavaRDD().collect());
  }

  private static final class Look
      extends AbstractFunction1<
          scala.collection.Iterator<Integer>, scala.collection.Iterator<Place>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final SparkFabricOptions options;

    Look(SparkFabricOptions options) {
      this.options = options;
    }

    @Override
    public scala.collection.Iterator<Place> apply(scala.collection.Iterator<Integer> rows) {
      BarrierTaskContext task = BarrierTaskContext.get();
      task.barrier();
      List<String> given =
          task.resourcesJMap().containsKey("gpu")
              ? Arrays.asList(task.resourcesJMap().get("gpu").addresses())
              : List.of();
      Place place =
          new Place(
              new ArrayList<>(RankResources.place(options.fabric(), task).devices()),
              new ArrayList<>(given),
              task.cpus());
      return CollectionConverters.asScala(List.of(place).iterator());
    }
  }

  @Test
  void givesEachRankAGpuWithoutSettingsOfTasks() throws IOException {
    try (SparkSession spark = start("local-cluster[1,4,1024]", 2)) {
      List<Place> places = places(spark, options(spark));

      assertThat(places)
          .extracting(Place::devices)
          .containsExactlyInAnyOrder(List.of("GPU-0"), List.of("GPU-1"));
      assertThat(places).extracting(Place::cpus).containsOnly(1);
      assertThat(places(spark, options(spark))).hasSize(2);
      assertThat(places(spark, options(spark, SparkFabricOptions.ACCELERATOR, "cpu")))
          .hasSize(4)
          .allSatisfy(place -> assertThat(place.given()).isEmpty());
      assertThatThrownBy(
              () ->
                  SparkFabric.builder(spark)
                      .numWorkers(3)
                      .option(SparkFabricOptions.EXECUTOR_TIMEOUT, "2s")
                      .build()
                      .launch(fabric -> 0))
          .isInstanceOf(FabricException.class)
          .hasMessageStartingWith(
              "Cannot launch 3 ranks: 2 task slots are available (1 executor, spark.task.cpus=1, 2"
                  + " GPUs per executor and 1 per rank)");
      assertThatThrownBy(
              () -> SparkFabric.builder(spark).accelerator("cuda").build().launch(fabric -> 0))
          .isInstanceOf(FabricException.class)
          .hasMessageMatching(
              "\\[rank [01]/2] on 127.0.0.1 failed: The accelerator 'cuda' is not available, though"
                  + " the rank was given GPU 'GPU-[01]': (?s:.*)");
    }
  }

  @Test
  void givesEachRankAGpuWhereCoresAreAsFew() throws IOException {
    try (SparkSession spark =
        start("local-cluster[1,4,1024]", 2, "spark.task.cpus", "2", "spark.executor.cores", "4")) {
      List<Place> places = places(spark, options(spark));

      assertThat(places)
          .extracting(Place::devices)
          .containsExactlyInAnyOrder(List.of("GPU-0"), List.of("GPU-1"));
      assertThat(places).extracting(Place::cpus).containsOnly(2);
    }
  }

  @Test
  void givesEachRankAWholeGpuWhereOtherTasksShareThem() throws IOException {
    try (SparkSession spark =
        start("local-cluster[1,4,1024]", 2, "spark.task.resource.gpu.amount", "0.5")) {
      assertThat(places(spark, options(spark)))
          .extracting(Place::devices)
          .containsExactlyInAnyOrder(List.of("GPU-0"), List.of("GPU-1"));
      assertThat(places(spark, options(spark, SparkFabricOptions.ACCELERATOR, "cpu")))
          .hasSize(4)
          .allSatisfy(place -> assertThat(place.given()).hasSize(1))
          .allSatisfy(place -> assertThat(place.devices()).isEmpty());
      String ranks =
          SparkFabric.builder(spark)
              .accelerator("cpu")
              .build()
              .launch(fabric -> fabric.worldSize() + " on " + fabric.device());
      assertThat(ranks).isEqualTo("4 on cpu()");
    }
  }

  @Test
  void keepsToSparksSettingsOfTasks() throws IOException {
    try (SparkSession spark =
        start(
            "local-cluster[1,4,1024]",
            4,
            "spark.task.resource.gpu.amount",
            "2",
            "spark.task.cpus",
            "2")) {
      List<Place> places = places(spark, options(spark));

      assertThat(places)
          .extracting(place -> Set.copyOf(place.devices()))
          .containsExactlyInAnyOrder(Set.of("GPU-0", "GPU-1"), Set.of("GPU-2", "GPU-3"));
      assertThat(places).extracting(Place::cpus).containsOnly(2);
    }
  }
}
