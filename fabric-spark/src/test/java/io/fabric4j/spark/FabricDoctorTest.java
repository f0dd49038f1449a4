package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.spark.internal.doctor.DoctorArguments;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FabricDoctorTest extends SparkTest {
  @TempDir private Path folder;

  @Test
  void findsALocalMasterFitAndLeavesNothingBehind() throws Exception {
    Diagnosis diagnosis =
        FabricDoctor.builder(spark)
            .numWorkers(3)
            .parameters(1_000_000)
            .checkpoints(folder.toString())
            .build()
            .examine();

    assertThat(diagnosis.isHealthy()).as(diagnosis.toString()).isTrue();
    assertThat(diagnosis.toString())
        .startsWith("Fabric doctor: local[4], 3 ranks\n")
        .contains("The sum is right on all ranks, over shared-memory.")
        .endsWith("Healthy: training can start.");
    assertThat(diagnosis.ranks()).hasSize(4);
    assertThat(diagnosis.ranks().get(2)).matches("1 +\\S+ +cpu\\(\\) +right .*0: \\S+, 2: \\S+");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void looksAtTheFolderOfTheRunAndLeavesTheRunAlone() throws Exception {
    FabricDoctor doctor =
        FabricDoctor.builder(spark)
            .numWorkers(2)
            .option(SparkFabricOptions.CHECKPOINT_DIR, folder.toString())
            .option(SparkFabricOptions.RUN_ID, "mine")
            .build();

    for (int i = 0; i < 2; i++) {
      assertThat(doctor.examine().toString())
          .contains("The driver can keep checkpoints in " + folder)
          .endsWith("Healthy: training can start.");
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void tellsAllThatIsWrongAtOnceAndStartsNoRank() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    Diagnosis diagnosis =
        FabricDoctor.builder(spark).numWorkers(8).checkpoints(file + "/runs").build().examine();

    assertThat(diagnosis.isHealthy()).isFalse();
    assertThat(diagnosis.ranks()).isEmpty();
    assertThat(diagnosis.verdicts())
        .filteredOn(Verdict::isFailure)
        .extracting(Verdict::check)
        .containsExactly("task slots", "driver's storage");
    assertThat(diagnosis.verdicts().get(diagnosis.verdicts().size() - 1))
        .isEqualTo(Verdict.skipped("launch", "Not tried, because a check before it failed."));
    assertThat(diagnosis.toString()).endsWith("Not healthy: 2 checks failed.");
  }

  @Test
  void tellsThatAModelIsTooLargeForTheHost() {
    Diagnosis diagnosis =
        FabricDoctor.builder(spark).numWorkers(2).parameters(10_000_000_000_000L).build().examine();

    Verdict memory =
        diagnosis.verdicts().stream()
            .filter(verdict -> verdict.check().equals("host memory"))
            .findFirst()
            .orElseThrow();
    assertThat(memory.isFailure()).isTrue();
    assertThat(memory.message())
        .matches(
            "\\S+ has \\S+ GiB available for 2 ranks, which need 291 TiB: 146 TiB per rank \\(weights"
                + " 36 TiB, gradients 36 TiB, moments 73 TiB; activations and batches come on"
                + " top\\)\\. Start fewer ranks per host, choose the strategy zero_stage_1 or a"
                + " precision of 16 bits, or take hosts with more memory\\.");
  }

  @Test
  void takesItsSettingsFromTheCommandLine() {
    Diagnosis diagnosis =
        DoctorArguments.parse("--workers", "9", "--parameters", "1.5B", "--moments", "0")
            .applyTo(FabricDoctor.builder(spark))
            .build()
            .examine();

    assertThat(diagnosis.subject()).isEqualTo("local[4], 9 ranks");
  }

  @Test
  void countsNoSlotsForGpusThatAreMissing() {
    Assumptions.assumeFalse(CUDAAccelerator.isAvailable(), "Skipped: there is a GPU.");

    Diagnosis diagnosis =
        FabricDoctor.builder(spark)
            .option(SparkFabricOptions.ACCELERATOR, "cuda")
            .build()
            .examine();

    assertThat(diagnosis.verdicts())
        .contains(
            Verdict.skipped("task slots", "It is not known what a rank needs."),
            Verdict.skipped("free slots", "It is not known what a rank needs."))
        .filteredOn(Verdict::isFailure)
        .singleElement()
        .satisfies(
            verdict ->
                assertThat(verdict.finding())
                    .startsWith("The accelerator 'cuda' is not available: "));
  }

  @Test
  void rejectsAModelWithoutParameters() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricDoctor.builder(spark).parameters(0))
        .withMessage("parameters is 0, but a model has at least 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FabricDoctor.builder(spark).moments(-1))
        .withMessage("moments is -1. It is 0 or more.");
  }

  @Test
  void wrapsLongLines() {
    Verdict verdict =
        Verdict.warning("bandwidth", "word ".repeat(40).strip(), "Take a faster network.");

    assertThat(new Diagnosis("local[1], 1 rank", List.of(verdict), List.of()).toString().lines())
        .contains("warning  bandwidth        " + "word ".repeat(15).strip())
        .contains("                          -> Take a faster network.");
  }
}
