package io.fabric4j.spark.internal.doctor;

import io.fabric4j.spark.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Judges what the ranks found. */
final class RankVerdicts {
  /** What a network of 1 Gbit/s carries, about. */
  private static final double SLOW = 0.1;

  /** What a container has in /dev/shm unless it is told otherwise. */
  private static final long SMALL = 64L << 20;

  private final List<RankFacts> ranks;
  private final Subject subject;

  RankVerdicts(List<RankFacts> ranks, Subject subject) {
    this.ranks = ranks;
    this.subject = subject;
  }

  /**
   * Returns a verdict per check.
   *
   * @param renewsTokens whether Spark can make new delegation tokens
   */
  List<Verdict> all(boolean renewsTokens) {
    List<Verdict> verdicts =
        new ArrayList<>(List.of(versions(), allReduce(), bandwidth(), memory(), sharedMemory()));
    if (subject.checkpointFolder().isPresent()) {
      verdicts.add(checkpoints());
      verdicts.add(ranks.get(0).identity().examine(renewsTokens));
    }
    return verdicts;
  }

  private Verdict versions() {
    Map<String, String> byVersion =
        ranks.stream()
            .collect(
                Collectors.groupingBy(
                    RankFacts::versions,
                    TreeMap::new,
                    Collectors.mapping(RankVerdicts::name, Collectors.joining(", "))));
    return byVersion.size() == 1
        ? Verdict.ok("libraries", byVersion.keySet().iterator().next() + " on all ranks.")
        : Verdict.failed(
            "libraries",
            "Ranks have different libraries: " + byVersion + ".",
            "Give all hosts the same jars, PYTORCH_LIBRARY_PATH and Java.");
  }

  private Verdict allReduce() {
    List<Integer> wrong = ranks.stream().filter(r -> !r.sum()).map(RankFacts::rank).toList();
    return wrong.isEmpty()
        ? Verdict.ok("all-reduce", "The sum is right on all ranks, over " + transport() + ".")
        : Verdict.failed(
            "all-reduce",
            "The sum over " + transport() + " is wrong on the ranks " + wrong + ".",
            "Look for a broken host among those of the table, and report this.");
  }

  private String transport() {
    return ranks.get(0).transport();
  }

  private Verdict bandwidth() {
    RankFacts from = null;
    Map.Entry<Integer, Double> slowest = null;
    for (RankFacts rank : ranks) {
      for (Map.Entry<Integer, Double> peer : rank.gigabytesPerSecond().entrySet()) {
        if (slowest == null || peer.getValue() < slowest.getValue()) {
          from = rank;
          slowest = peer;
        }
      }
    }
    if (slowest == null) {
      return Verdict.skipped("bandwidth", "There is one rank.");
    }
    String finding =
        String.format(
            Locale.ROOT,
            "The slowest pair, ranks %d and %d, reduces %.2f GB/s.",
            Math.min(from.rank(), slowest.getKey()),
            Math.max(from.rank(), slowest.getKey()),
            slowest.getValue());
    return slowest.getValue() >= SLOW
        ? Verdict.ok("bandwidth", finding)
        : Verdict.warning(
            "bandwidth",
            finding,
            "Put the ranks on fewer hosts, or on a faster network ("
                + "spark.fabric.bind-address, NCCL_SOCKET_IFNAME).");
  }

  private Verdict memory() {
    if (subject.parameters() == 0) {
      return Verdict.skipped("host memory", "The number of parameters was not given.");
    }
    MemoryNeed need = need();
    for (List<RankFacts> host : hosts()) {
      long available = host.get(0).memory().available();
      long needed = host.size() * need.ofModel();
      if (available < needed) {
        return Verdict.failed(
            "host memory",
            host.get(0).host()
                + " has "
                + Bytes.text(available)
                + " available for "
                + name(host)
                + ", which need "
                + Bytes.text(needed)
                + ": "
                + need
                + ".",
            "Start fewer ranks per host, choose the strategy zero_stage_1 or a precision of 16 bits,"
                + " or take hosts with more memory.");
      }
    }
    return Verdict.ok("host memory", "The hosts have room for " + need + ".");
  }

  private MemoryNeed need() {
    return subject.memoryNeed(ranks.size()).orElseThrow();
  }

  private Verdict sharedMemory() {
    for (List<RankFacts> host : hosts()) {
      long room = host.get(0).memory().shared();
      long needed = subject.parameters() == 0 ? SMALL + 1 : host.size() * need().gradients();
      if (host.size() > 1 && room < needed) {
        return Verdict.warning(
            "shared memory",
            "/dev/shm of "
                + host.get(0).host()
                + " has "
                + Bytes.text(Math.max(0, room))
                + " free, and the gradients of "
                + name(host)
                + (subject.parameters() == 0 ? " may" : "")
                + " need "
                + (subject.parameters() == 0 ? "more" : Bytes.text(needed))
                + ": what does not fit is copied through sockets.",
            "Raise its size (Docker: --shm-size; Kubernetes: mount an emptyDir with medium: Memory"
                + " at /dev/shm).");
      }
    }
    boolean shared = hosts().stream().anyMatch(host -> host.size() > 1);
    return shared
        ? Verdict.ok("shared memory", "/dev/shm has room for the gradients of a host's ranks.")
        : Verdict.skipped("shared memory", "No two ranks share a host.");
  }

  private Verdict checkpoints() {
    String folder = subject.checkpoints();
    for (RankFacts rank : ranks) {
      if (!rank.storageProblem().isEmpty()) {
        return Verdict.failed(
            "checkpoints", name(rank) + " on " + rank.host() + ": " + rank.storageProblem(), "");
      }
    }
    return Verdict.ok(
        "checkpoints",
        "Every rank wrote, synced, renamed, read and deleted a file in " + folder + ".");
  }

  private List<List<RankFacts>> hosts() {
    return List.copyOf(
        ranks.stream()
            .collect(Collectors.groupingBy(RankFacts::host, TreeMap::new, Collectors.toList()))
            .values());
  }

  private static String name(RankFacts rank) {
    return "rank " + rank.rank();
  }

  private static String name(List<RankFacts> ranks) {
    return ranks.size() + (ranks.size() == 1 ? " rank" : " ranks");
  }
}
