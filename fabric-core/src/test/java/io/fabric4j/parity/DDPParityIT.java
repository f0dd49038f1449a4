package io.fabric4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    assertThat(results(ranks, transport, network, optimizer)).containsOnly(threads);
  }

  @ParameterizedTest
  @CsvSource({"shared-memory, mlp, adamw", "tcp, cnn, sgd"})
  void processesWithUnevenShardsEqualThreads(String transport, String network, String optimizer)
      throws Exception {
    Scenario scenario = new Scenario(network, optimizer);
    int[] shards = {0, 1, 7, 1000};
    byte[] threads =
        DDPParityTest.launch(shards.length, fabric -> scenario.runOnShards(fabric, shards));
    assertThat(results(4, transport, network, optimizer, "0", "1", "7", "1000"))
        .containsOnly(threads);
  }

  private List<byte[]> results(int ranks, String... arguments) throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      processes.add(start(rank, ranks, arguments));
    }
    List<byte[]> results = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      assertThat(processes.get(rank).waitFor(120, TimeUnit.SECONDS)).isTrue();
      Path log = folder.resolve("log-" + rank);
      assertThat(processes.get(rank).exitValue()).as(Files.readString(log)).isZero();
      results.add(Files.readAllBytes(folder.resolve("result-" + rank)));
    }
    return results;
  }

  private Process start(int rank, int ranks, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ParityRank.class.getName(), folder.toString()));
    command.addAll(List.of(Integer.toString(rank), Integer.toString(ranks)));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log-" + rank).toFile())
        .start();
  }
}
