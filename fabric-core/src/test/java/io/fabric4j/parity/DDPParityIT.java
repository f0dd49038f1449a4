package io.fabric4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.RankProcesses;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ranks in JVMs of their own train to the same bits as ranks that are threads of one JVM. */
@Timeout(180)
class DDPParityIT {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "2, shared-memory, mlp, adamw",
    "3, shared-memory, cnn, sgd",
    "2, tcp, cnn, adamw",
    "4, tcp, mlp, sgd"
  })
  void processesEqualThreads(int ranks, String transport, String network, String optimizer)
      throws Exception {
    Scenario scenario = new Scenario(network, optimizer);
    byte[] threads = DDPParityTest.launch(ranks, scenario::run);
    assertThat(
            RankProcesses.results(folder, ranks, ParityRank.class, transport, network, optimizer))
        .containsOnly(threads);
  }

  @ParameterizedTest
  @CsvSource({"shared-memory, mlp, adamw", "tcp, cnn, sgd"})
  void processesWithUnevenShardsEqualThreads(String transport, String network, String optimizer)
      throws Exception {
    Scenario scenario = new Scenario(network, optimizer);
    int[] shards = {0, 1, 7, 1000};
    byte[] threads =
        DDPParityTest.launch(shards.length, fabric -> scenario.runOnShards(fabric, shards));
    String[] arguments = {transport, network, optimizer, "0", "1", "7", "1000"};
    assertThat(RankProcesses.results(folder, 4, ParityRank.class, arguments)).containsOnly(threads);
  }
}
