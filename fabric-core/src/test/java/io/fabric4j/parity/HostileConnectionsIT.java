package io.fabric4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.Fabric;
import io.fabric4j.RankRunner;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.ResourceUse;
import io.fabric4j.internal.distributed.Strangers;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that meet and train while strangers call. */
@Timeout(300)
class HostileConnectionsIT {
  private static final byte[] KEY = "a key that strangers do not have".getBytes();
  private static final int RANKS = 3;
  private static final int HELD = 500;
  private static final int INTRUSIONS = 10_000;
  private static final Executor THREADS = code -> new Thread(code, "hostile-test").start();

  @TempDir private Path folder;

  private final Scenario scenario = new Scenario("mlp", "adamw");

  @Test
  void strangersNeitherEnterNorDisturb() throws Exception {
    byte[] undisturbed = DDPParityTest.launch(RANKS, scenario::run);
    assertThat(train(false)).containsOnly(undisturbed);
    ResourceUse before = ResourceUse.now(folder);
    assertThat(train(true)).containsOnly(undisturbed);
    awaitUse(before);
  }

  private List<byte[]> train(boolean disturbed) throws Exception {
    List<GroupBootstrap> bootstraps = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      bootstraps.add(
          GroupBootstrap.open(
              loopback, "127.0.0.1", KEY, GroupOptions.defaults().withSharedFolder(folder)));
    }
    List<String> endpoints = bootstraps.stream().map(GroupBootstrap::endpoint).toList();
    try (Strangers strangers = new Strangers(endpoints, KEY)) {
      CompletableFuture<Void> intruders = CompletableFuture.completedFuture(null);
      if (disturbed) {
        strangers.hold(HELD);
        intruders = CompletableFuture.runAsync(() -> strangers.intrude(INTRUSIONS), THREADS);
      }
      List<CompletableFuture<byte[]>> results = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        while (disturbed && rank == RANKS - 1 && strangers.attempts() < INTRUSIONS / 2) {
          assertThat(intruders).isNotDone();
          Thread.sleep(10);
        }
        int self = rank;
        results.add(
            CompletableFuture.supplyAsync(
                () -> train(bootstraps.get(self), self, endpoints), THREADS));
      }
      List<byte[]> parameters = results.stream().map(CompletableFuture::join).toList();
      intruders.join();
      return parameters;
    }
  }

  private byte[] train(GroupBootstrap bootstrap, int rank, List<String> endpoints) {
    long start = System.nanoTime();
    try (bootstrap;
        ProcessGroup group = bootstrap.join(rank, endpoints)) {
      if (rank == RANKS - 1) {
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      }
      return RankRunner.run(
          Fabric.builder().strategy("ddp").threads(1).options(),
          RankInfo.of(rank, Collections.nCopies(RANKS, "localhost")),
          group,
          new LocalCheckpointIO(),
          System.out::println,
          scenario::run);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void awaitUse(ResourceUse expected) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!ResourceUse.now(folder).equals(expected) && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertThat(ResourceUse.now(folder)).isEqualTo(expected);
  }
}
