package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.fabric4j.Fabric;
import io.fabric4j.FabricFunction;
import io.fabric4j.RankRunner;
import io.fabric4j.benchmark.ScalingRank;
import io.fabric4j.benchmark.ScalingRank.Training;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.Ranks;
import io.fabric4j.strategies.DDPStrategy;
import io.fabric4j.strategies.SingleDeviceStrategy;
import io.fabric4j.strategies.Strategy;
import io.fabric4j.strategies.ZeroStrategy;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scaling benchmark's code on ranks whose NCCL works on host memory. */
@Timeout(120)
class ScalingRankTest {
  @TempDir private Path folder;

  @BeforeEach
  void loadFakes() {
    FakeCuda.load();
  }

  /** Returns what rank 0 returns. */
  private static <R> R launch(int ranks, Strategy strategy, FabricFunction<R> function) {
    return Ranks.run(ranks, Ranks.OPTIONS, host -> run(host, strategy, function)).get(0);
  }

  private static <R> R run(ProcessGroup host, Strategy strategy, FabricFunction<R> function)
      throws Exception {
    try (ProcessGroup group = NcclRanks.connect(host)) {
      return RankRunner.run(
          Fabric.builder().accelerator("cpu").threads(1).strategy(strategy).options(),
          RankInfo.of(group.rank(), Collections.nCopies(group.size(), "localhost")),
          group,
          new LocalCheckpointIO(),
          System.out::println,
          function);
    }
  }

  @Test
  void sumsAndTimesOfFourRanks() {
    String sums = launch(4, new DDPStrategy(), ScalingRank::sums);
    assertThat(sums)
        .isEqualTo("{\"check\":\"sums\",\"world\":4,\"transport\":\"nccl\",\"types\":8}");
    List<String> times = launch(4, new DDPStrategy(), rank -> ScalingRank.allReduce(rank, 4));
    assertThat(times)
        .hasSize(1)
        .allMatch(line -> line.contains("\"world\":4") && line.contains("\"bus_gb_s\":"));
  }

  @ParameterizedTest
  @CsvSource({"overlap, false", "no-overlap, true", "graph, false"})
  void timesTrainingOfFourRanks(String mode, boolean strong) {
    Training training = new Training("mlp", "32-true", strong, mode, 1, 2);
    Strategy strategy =
        mode.equals("no-overlap") ? DDPStrategy.withoutOverlap() : new DDPStrategy();
    String time = launch(4, strategy, rank -> ScalingRank.train(rank, training));
    assertThat(time)
        .startsWith(
            "{\"side\":\"fabric4j-%s\",\"model\":\"mlp\",\"precision\":\"32-true\",\"scaling\":\"%s\""
                .formatted(mode, strong ? "strong" : "weak"))
        .contains("\"world\":4,\"us\":");
  }

  @Test
  void fourRanksTrainAsOne() {
    String file = folder.resolve("parameters").toString();
    launch(1, new SingleDeviceStrategy(), rank -> ScalingRank.parity(rank, "mlp", "sgd", file));
    String line =
        launch(4, new DDPStrategy(), rank -> ScalingRank.parity(rank, "mlp", "sgd", file));
    double distance = new Gson().fromJson(line, JsonObject.class).get("distance").getAsDouble();
    assertThat(distance).isLessThan(1e-5);
  }

  @Test
  void shardedOptimizersTakeAQuarterOnFourRanks() {
    String whole = launch(4, new DDPStrategy(), rank -> ScalingRank.memory(rank, "mlp", "ddp"));
    String part =
        launch(4, ZeroStrategy.stage2(), rank -> ScalingRank.memory(rank, "mlp", "zero_stage_2"));
    assertThat(whole).contains("\"optimizer_mib\":4.09");
    assertThat(part).contains("\"optimizer_mib\":1.02");
  }
}
