package io.fabric4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.RankProcesses;
import io.fabric4j.internal.distributed.Place;
import io.fabric4j.internal.distributed.PrivateMemory;
import io.fabric4j.internal.distributed.VirtualHosts;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
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
  @CsvSource({"0, 0, 1, 1", "0, 1, 0, 1"})
  void processesOnTwoHostsEqualThreads(int first, int second, int third, int fourth)
      throws Exception {
    byte[] threads = DDPParityTest.launch(4, new Scenario("mlp", "adamw")::run);
    try (VirtualHosts hosts = new VirtualHosts()) {
      List<Place> places = Stream.of(first, second, third, fourth).map(hosts::place).toList();
      assertThat(RankProcesses.results(folder, places, ParityRank.class, "auto", "mlp", "adamw"))
          .containsOnly(threads);
    }
  }

  /** Three ranks find room to pass arrays through, not for the arrays; four not even for that. */
  @ParameterizedTest
  @CsvSource({"3, Arrays will be copied instead", "4, transport tcp"})
  void processesWithLittleSharedMemoryEqualThreads(int ranks, String log) throws Exception {
    byte[] threads = DDPParityTest.launch(ranks, new Scenario("wide", "sgd")::run);
    try (PrivateMemory memory = PrivateMemory.create("8m")) {
      List<Place> places = Collections.nCopies(ranks, memory.place());
      assertThat(RankProcesses.results(folder, places, ParityRank.class, "auto", "wide", "sgd"))
          .containsOnly(threads);
    }
    assertThat(folder.resolve("log-0")).content().contains(log);
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
