package io.fabric4j.spark.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.Verdict;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class OverheadCheckTest {
  private static final long MIB = 1L << 20;

  private static MemoryNeed need(int ranks, String... settings) {
    Map<String, String> options =
        settings.length == 0 ? Map.of() : Map.of(settings[0], settings[1]);
    Subject subject = new Subject(SparkFabricOptions.of(options), 100 * MIB, 2, null);
    return subject.memoryNeed(ranks).orElseThrow();
  }

  private static SparkConf yarn(String... settings) {
    SparkConf conf = new SparkConf(false).set("spark.master", "yarn");
    for (int i = 0; i < settings.length; i += 2) {
      conf.set(settings[i], settings[i + 1]);
    }
    return conf;
  }

  @Test
  void addsUpWhatAModelTakes() {
    assertThat(need(4))
        .isEqualTo(new MemoryNeed(400 * MIB, 400 * MIB, 800 * MIB, 0))
        .hasToString(
            "1.6 GiB per rank (weights 400 MiB, gradients 400 MiB, moments 800 MiB; activations and"
                + " batches come on top)");
    assertThat(need(4, SparkFabricOptions.PRECISION, "64-true").ofModel()).isEqualTo(3200 * MIB);
    assertThat(need(4, SparkFabricOptions.PRECISION, "bf16-true").ofModel()).isEqualTo(800 * MIB);
    assertThat(need(4, SparkFabricOptions.PRECISION, "bf16-mixed").casts()).isEqualTo(200 * MIB);
    assertThat(need(4, SparkFabricOptions.STRATEGY, "zero").moments()).isEqualTo(200 * MIB);
  }

  @Test
  void comparesWithTheDefaultOverheadOfAnExecutor() {
    Verdict verdict = OverheadCheck.examine(yarn("spark.executor.cores", "2"), need(4), 4);

    assertThat(verdict.isFailure()).isTrue();
    assertThat(verdict.message())
        .isEqualTo(
            "An executor would be killed: 384 MiB are granted beside its heap, and needed are 3.8 GiB"
                + " beside the heap of an executor with 2 ranks: 1.6 GiB per rank (weights 400 MiB,"
                + " gradients 400 MiB, moments 800 MiB; activations and batches come on top). Start"
                + " the application with spark.executor.memoryOverhead=3840m plus what activations"
                + " and batches take.");
  }

  @Test
  void knowsHowSparkGrantsOverhead() {
    assertThat(status(yarn("spark.executor.memoryOverhead", "2239"))).isEqualTo("FAILED");
    assertThat(status(yarn("spark.executor.memoryOverhead", "2240"))).isEqualTo("OK");
    assertThat(status(yarn("spark.executor.memoryOverhead", "3g"))).isEqualTo("OK");
    assertThat(status(yarn("spark.executor.memory", "10g"))).isEqualTo("FAILED");
    assertThat(status(yarn("spark.executor.memory", "30g"))).isEqualTo("OK");
    assertThat(
            status(
                yarn("spark.executor.memory", "10g", "spark.executor.memoryOverheadFactor", "0.4")))
        .isEqualTo("OK");
  }

  @Test
  void countsRanksByGpusAndOnlyThoseThatStart() {
    SparkConf conf = yarn("spark.executor.cores", "8", "spark.executor.resource.gpu.amount", "2");

    assertThat(OverheadCheck.examine(conf, need(4), 4).finding()).contains("with 2 ranks:");
    assertThat(OverheadCheck.examine(conf, need(1), 1).finding()).contains("with 1 rank:");
  }

  @Test
  void tellsWhereThereIsNoLimit() {
    assertThat(status(yarn().set("spark.master", "local[2]"))).isEqualTo("SKIPPED");
    assertThat(OverheadCheck.examine(yarn().set("spark.master", "spark://a:7077"), need(1), 1))
        .isEqualTo(
            Verdict.ok(
                "memory overhead",
                "This cluster manager sets no limit. Needed are 2.2 GiB beside the heap of an"
                    + " executor with 1 rank: 1.6 GiB per rank (weights 400 MiB, gradients 400 MiB,"
                    + " moments 800 MiB; activations and batches come on top)."));
  }

  private static String status(SparkConf conf) {
    return OverheadCheck.examine(conf, need(4), 4).status().name();
  }
}
