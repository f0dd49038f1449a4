package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import io.fabric4j.internal.torch.TorchLibrary;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class GroupBootstrapTest {

  @BeforeAll
  static void load() {
    TorchLibrary.load();
  }

  @Test
  void choosesSharedMemoryOnOneHost() {
    assertThat(Ranks.run(3, Ranks.OPTIONS, ProcessGroup::transport)).containsOnly("shared-memory");
  }

  @Test
  void needsNoNetworkForOneRank() {
    assertThat(Ranks.run(1, Ranks.OPTIONS, ProcessGroup::transport)).containsOnly("single");
  }

  @Test
  void fallsBackToTcpWithoutASharedFolder(@TempDir Path folder) {
    GroupOptions options = Ranks.OPTIONS.withSharedFolder(folder.resolve("missing"));
    assertThat(Ranks.run(2, options, ProcessGroup::transport)).containsOnly("tcp");
  }

  @Test
  void refusesToReplaceSharedMemoryThatWasAskedFor(@TempDir Path folder) {
    GroupOptions options =
        Ranks.OPTIONS
            .withSharedFolder(folder.resolve("missing"))
            .withTransport(Transport.SHARED_MEMORY);
    for (Outcome<String> outcome : Ranks.outcomes(2, options, ProcessGroup::transport)) {
      assertThat(outcome.error()).isInstanceOf(FabricException.class);
      assertThat(outcome.message()).contains("The transport shared-memory was asked for");
    }
  }

  @Test
  void copiesArraysWhenTheFolderHasNoRoomForThem(@TempDir Path folder) {
    Ranks.runAll(
        2,
        Ranks.OPTIONS.withSharedFolder(folder),
        group -> {
          assertThat(group.transport()).isEqualTo("shared-memory");
          group.barrier();
          if (group.rank() == 1) {
            Files.delete(folder);
          }
          group.barrier();
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = group.allocate(manager, new Shape(100), DataType.FLOAT32);
            array.addi(1 + group.rank());
            group.allReduce(array, ReduceOp.SUM).waitFor();
            assertThat(array.sum().getFloat()).isEqualTo(300f);
          }
        });
  }

  @Test
  void leavesNoFileBehind(@TempDir Path folder) {
    List<Long> files =
        Ranks.run(
            2,
            Ranks.OPTIONS.withSharedFolder(folder),
            group -> {
              try (NDManager manager = NDManager.newBaseManager()) {
                group.allocate(manager, new Shape(100), DataType.FLOAT32);
                group.barrier();
                try (var listing = Files.list(folder)) {
                  return listing.count();
                }
              }
            });
    assertThat(files).containsOnly(0L);
  }

  @Test
  void refusesAnotherKey() {
    GroupOptions options =
        Ranks.OPTIONS.withTimeouts(
            Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
    byte[] otherKey = "another key of 16 bytes".getBytes();
    try (GroupBootstrap zero = Ranks.open(options);
        GroupBootstrap one =
            GroupBootstrap.open(InetAddress.getLoopbackAddress(), "127.0.0.1", otherKey, options)) {
      List<String> endpoints = List.of(zero.endpoint(), one.endpoint());
      CompletableFuture<Throwable> first =
          CompletableFuture.supplyAsync(() -> catchThrowable(() -> zero.join(0, endpoints)));
      assertThatThrownBy(() -> one.join(1, endpoints))
          .isInstanceOf(ProcessGroupException.class)
          .hasMessageContaining("[rank 1/2] rank 0 (127.0.0.1:")
          .hasMessageContaining("did not prove that it has the key of this launch");
      assertThat(first.join())
          .isInstanceOf(ProcessGroupException.class)
          .hasMessageContaining("[rank 0/2] Not all ranks connected within 1 s: missing rank 1 (")
          .hasMessageContaining("1 connections were refused");
    }
  }

  @Test
  void namesTheRanksThatAreMissing() {
    GroupOptions options =
        Ranks.OPTIONS.withTimeouts(
            Duration.ofMillis(700), Duration.ofSeconds(1), Duration.ofSeconds(1));
    try (GroupBootstrap zero = Ranks.open(options);
        GroupBootstrap one = Ranks.open(options);
        GroupBootstrap two = Ranks.open(options)) {
      List<String> endpoints = List.of(zero.endpoint(), one.endpoint(), two.endpoint());
      zero.close();
      assertThatThrownBy(() -> one.join(1, endpoints))
          .isInstanceOf(ProcessGroupException.class)
          .hasMessageContaining(
              "[rank 1/3] Not all ranks connected within 700 ms: missing rank 0 (")
          .hasMessageContaining("Connection refused; rank 2 (127.0.0.1:")
          .hasMessageContaining("it did not call.");
    }
  }

  @Test
  void strangersDisturbNobody() throws Exception {
    List<Socket> strangers = new ArrayList<>();
    List<GroupBootstrap> bootstraps = new ArrayList<>();
    for (int rank = 0; rank < 3; rank++) {
      bootstraps.add(Ranks.open(Ranks.OPTIONS));
    }
    List<String> endpoints = bootstraps.stream().map(GroupBootstrap::endpoint).toList();
    for (int i = 0; i < 50; i++) {
      strangers.add(stranger(Endpoint.decode(endpoints.get(i % 2)), i));
    }
    List<CompletableFuture<String>> ranks = new ArrayList<>();
    for (int rank = 0; rank < 3; rank++) {
      int self = rank;
      ranks.add(
          CompletableFuture.supplyAsync(
              () -> greet(bootstraps.get(self), self, endpoints),
              command -> new Thread(command).start()));
    }
    for (CompletableFuture<String> rank : ranks) {
      assertThat(rank.join()).isEqualTo("[0, 1, 2]");
    }
    for (Socket socket : strangers) {
      socket.close();
    }
  }

  private static String greet(GroupBootstrap bootstrap, int rank, List<String> endpoints) {
    try (ProcessGroup group = bootstrap.join(rank, endpoints)) {
      return group.allGatherObject(rank).toString();
    }
  }

  /** Says nothing, random bytes, or what looks like huge lengths. */
  private static Socket stranger(Endpoint endpoint, int i) throws Exception {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()));
    byte[] bytes = new byte[i % 3 * 100];
    new Random(i).nextBytes(bytes);
    if (i % 3 == 2) {
      Arrays.fill(bytes, (byte) 0x7F);
    }
    socket.getOutputStream().write(bytes);
    return socket;
  }

  @Test
  void rejectsEndpointsInAnotherOrder() {
    try (GroupBootstrap zero = Ranks.open(Ranks.OPTIONS);
        GroupBootstrap one = Ranks.open(Ranks.OPTIONS)) {
      assertThatThrownBy(() -> zero.join(0, List.of(one.endpoint(), zero.endpoint())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("The endpoint of rank 0 is not that of this rank");
      assertThatThrownBy(() -> zero.join(0, List.of("host:80")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'host:80' is not an endpoint of this version");
    }
  }

  @Test
  void listensInTheGivenRange() {
    try (GroupBootstrap any = Ranks.open(Ranks.OPTIONS)) {
      int taken = Endpoint.decode(any.endpoint()).port();
      assertThatThrownBy(() -> Ranks.open(Ranks.OPTIONS.withPorts(taken, taken)))
          .isInstanceOf(FabricException.class)
          .hasMessageContaining("Cannot listen on 127.0.0.1, ports " + taken + "-" + taken);
    }
  }

  @Test
  void endpointTellsNoSecret() {
    try (GroupBootstrap bootstrap = Ranks.open(Ranks.OPTIONS)) {
      assertThat(bootstrap.endpoint())
          .startsWith("fabric1,127.0.0.1,")
          .doesNotContain(new String(Ranks.KEY))
          .hasSizeLessThan(200);
    }
  }
}
