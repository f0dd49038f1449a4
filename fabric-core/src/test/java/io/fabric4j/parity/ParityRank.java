package io.fabric4j.parity;

import io.fabric4j.RankProcesses;
import io.fabric4j.internal.distributed.Transport;

/** One rank of {@link DDPParityIT} in a JVM of its own. */
final class ParityRank {

  private ParityRank() {}

  /** Arguments: folder, rank, ranks, transport, network, optimizer, rows of each shard if any. */
  public static void main(String[] args) throws Exception {
    Scenario scenario = new Scenario(args[4], args[5]);
    int[] shards = new int[args.length - 6];
    for (int i = 0; i < shards.length; i++) {
      shards[i] = Integer.parseInt(args[6 + i]);
    }
    RankProcesses.run(
        args,
        Transport.of(args[3]),
        fabric -> shards.length == 0 ? scenario.run(fabric) : scenario.runOnShards(fabric, shards));
  }
}
