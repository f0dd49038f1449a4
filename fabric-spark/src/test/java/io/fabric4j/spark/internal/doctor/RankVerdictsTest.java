package io.fabric4j.spark.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RankVerdictsTest {
  private static final long GIB = 1L << 30;

  /** Two ranks of one host, and what differs from a good one. */
  private String versions = "PyTorch 2.7.1";

  private boolean sum = true;
  private double speed = 2;
  private long shared = 8 * GIB;
  private String storageProblem = "";

  private Map<String, Verdict> verdicts(long parameters) {
    List<RankFacts> ranks =
        List.of(facts(0, "PyTorch 2.7.1", true, ""), facts(1, versions, sum, storageProblem));
    Subject subject = new Subject(SparkFabricOptions.of(Map.of()), parameters, 2, "hdfs:///runs");
    Map<String, Verdict> result = new TreeMap<>();
    new RankVerdicts(ranks, subject).all(false).forEach(v -> result.put(v.check(), v));
    return result;
  }

  private RankFacts facts(int rank, String libraries, boolean right, String problem) {
    return new RankFacts(
        rank,
        "node1",
        "cpu()",
        libraries,
        "tcp",
        right,
        new HostMemory(16 * GIB, shared),
        new TreeMap<>(Map.of(1 - rank, speed)),
        problem,
        new StorageIdentity("ann", false, null, false));
  }

  @Test
  void findsGoodRanksGood() {
    assertThat(verdicts(100_000_000).values())
        .hasSize(7)
        .allSatisfy(verdict -> assertThat(verdict.status()).isEqualTo(Verdict.Status.OK));
  }

  @Test
  void tellsWhichRankHasOtherLibraries() {
    versions = "PyTorch 2.5.1";

    assertThat(verdicts(0).get("libraries").message())
        .isEqualTo(
            "Ranks have different libraries: {PyTorch 2.5.1=rank 1, PyTorch 2.7.1=rank 0}. Give all"
                + " hosts the same jars, PYTORCH_LIBRARY_PATH and Java.");
  }

  @Test
  void tellsWhichRankHasAWrongSum() {
    sum = false;

    assertThat(verdicts(0).get("all-reduce").message())
        .isEqualTo(
            "The sum over tcp is wrong on the ranks [1]. Look for a broken host among those of the"
                + " table, and report this.");
  }

  @Test
  void warnsOfASlowNetwork() {
    speed = 0.02;

    assertThat(verdicts(0).get("bandwidth"))
        .isEqualTo(
            Verdict.warning(
                "bandwidth",
                "The slowest pair, ranks 0 and 1, reduces 0.02 GB/s.",
                "Put the ranks on fewer hosts, or on a faster network (spark.fabric.bind-address,"
                    + " NCCL_SOCKET_IFNAME)."));
  }

  @Test
  void warnsOfSmallSharedMemory() {
    shared = 64L << 20;

    assertThat(verdicts(100_000_000).get("shared memory").message())
        .isEqualTo(
            "/dev/shm of node1 has 64 MiB free, and the gradients of 2 ranks need 763 MiB: what does"
                + " not fit is copied through sockets. Raise its size (Docker: --shm-size;"
                + " Kubernetes: mount an emptyDir with medium: Memory at /dev/shm).");
    assertThat(verdicts(0).get("shared memory").finding())
        .isEqualTo(
            "/dev/shm of node1 has 64 MiB free, and the gradients of 2 ranks may need more: what does"
                + " not fit is copied through sockets.");
  }

  @Test
  void tellsWhichRankCannotKeepCheckpoints() {
    storageProblem = "Cannot create checkpoint file hdfs:///runs/x: Permission denied.";

    assertThat(verdicts(0).get("checkpoints").message())
        .isEqualTo(
            "rank 1 on node1: Cannot create checkpoint file hdfs:///runs/x: Permission denied.");
  }

  @Test
  void judgesDelegationTokens() {
    assertThat(token(true, false).examine(false).message())
        .isEqualTo(
            "Kerberos is on, and executors have no delegation token for ha-hdfs:main. Run kinit"
                + " before spark-submit, or pass --principal and --keytab, and name the file system"
                + " in spark.kerberos.access.hadoopFileSystems unless it is fs.defaultFS.");
    assertThat(token(true, true).examine(false).message())
        .isEqualTo(
            "Executors have a token for ha-hdfs:main that ends within days: Spark cannot make a new"
                + " one. For long runs pass --principal and --keytab to spark-submit.");
    assertThat(token(true, true).examine(true).status()).isEqualTo(Verdict.Status.OK);
    assertThat(token(false, false).examine(false).finding())
        .isEqualTo("Executors reach the storage as user 'ann', without delegation tokens.");
  }

  private static StorageIdentity token(boolean secure, boolean hasToken) {
    return new StorageIdentity("ann", secure, "ha-hdfs:main", hasToken);
  }

  @Test
  void measuresAllPairsOfFewRanksAndLogarithmicallyManyOfMany() {
    assertThat(PeerBandwidth.pairs(1)).isEmpty();
    assertThat(PeerBandwidth.pairs(2)).containsExactly(List.of(0, 1));
    assertThat(PeerBandwidth.pairs(16)).hasSize(120);
    assertThat(PeerBandwidth.pairs(64)).hasSize(64 * 5 + 32);
    assertThat(new ArrayList<>(PeerBandwidth.pairs(64))).contains(List.of(0, 63), List.of(0, 32));
  }
}
