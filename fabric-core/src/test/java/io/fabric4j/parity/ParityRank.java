package io.fabric4j.parity;

import io.fabric4j.Fabric;
import io.fabric4j.RankRunner;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.FileRendezvous;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.Transport;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;

/** One rank of {@link DDPParityIT} in a JVM of its own; ranks meet through files. */
final class ParityRank {
  private static final byte[] KEY = new byte[32];

  private ParityRank() {}

  /** Arguments: folder, rank, ranks, transport, network, optimizer, rows of each shard if any. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    int rank = Integer.parseInt(args[1]);
    int ranks = Integer.parseInt(args[2]);
    GroupOptions options = GroupOptions.defaults().withTransport(Transport.of(args[3]));
    Scenario scenario = new Scenario(args[4], args[5]);
    int[] shards = new int[args.length - 6];
    for (int i = 0; i < shards.length; i++) {
      shards[i] = Integer.parseInt(args[6 + i]);
    }
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (GroupBootstrap bootstrap =
            GroupBootstrap.open(loopback, loopback.getHostAddress(), KEY, options);
        ProcessGroup group =
            bootstrap.join(
                rank, FileRendezvous.exchange(folder, rank, ranks, bootstrap.endpoint()))) {
      byte[] parameters =
          RankRunner.run(
              Fabric.builder().strategy("ddp").threads(1).options(),
              RankInfo.of(rank, Collections.nCopies(ranks, "localhost")),
              group,
              new LocalCheckpointIO(),
              System.out::println,
              fabric ->
                  shards.length == 0 ? scenario.run(fabric) : scenario.runOnShards(fabric, shards));
      Files.write(folder.resolve("result-" + rank), parameters);
    }
  }
}
