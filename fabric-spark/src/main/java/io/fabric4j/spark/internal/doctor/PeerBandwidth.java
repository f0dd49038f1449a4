package io.fabric4j.spark.internal.doctor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Measures how fast pairs of ranks reduce an array, one pair at a time. */
final class PeerBandwidth {
  private static final int FLOATS = 1 << 20;
  private static final int ROUNDS = 6;

  /** Up to so many ranks each pair is measured, beyond those at distances 1, 2, 4, ... */
  private static final int ALL_PAIRS = 16;

  private PeerBandwidth() {}

  /**
   * Measures this rank's pairs. Every rank must call it.
   *
   * @return gigabytes of an array reduced per second, by the other rank of the pair
   */
  static Map<Integer, Double> measure(Fabric fabric) {
    Map<Integer, Double> result = new TreeMap<>();
    List<ProcessGroup> groups = new ArrayList<>();
    for (List<Integer> pair : pairs(fabric.worldSize())) {
      Optional<ProcessGroup> group = fabric.processGroup().subgroup(pair);
      if (group.isPresent()) {
        groups.add(group.get());
        int peer = pair.get(0) == fabric.globalRank() ? pair.get(1) : pair.get(0);
        result.put(peer, measure(fabric, group.get()));
      }
    }
    fabric.barrier();
    groups.forEach(ProcessGroup::close);
    return result;
  }

  static Set<List<Integer>> pairs(int ranks) {
    Set<List<Integer>> pairs = new LinkedHashSet<>();
    for (int distance = 1; distance < ranks; distance += ranks <= ALL_PAIRS ? 1 : distance) {
      for (int rank = 0; rank < ranks; rank++) {
        int peer = (rank + distance) % ranks;
        pairs.add(List.of(Math.min(rank, peer), Math.max(rank, peer)));
      }
    }
    return pairs;
  }

  private static double measure(Fabric fabric, ProcessGroup pair) {
    long best = Long.MAX_VALUE;
    try (NDManager manager = fabric.manager().newSubManager();
        NDArray array = pair.allocate(manager, new Shape(FLOATS), DataType.FLOAT32)) {
      for (int round = 0; round < ROUNDS; round++) {
        pair.barrier().waitFor();
        long start = System.nanoTime();
        pair.allReduce(array, ReduceOp.SUM).waitFor();
        if (fabric.device().isGpu()) {
          pair.barrier().waitFor();
        }
        best = Math.min(best, System.nanoTime() - start);
      }
    }
    return FLOATS * (double) Float.BYTES / best;
  }
}
