package io.fabric4j.spark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import io.fabric4j.FabricException;
import io.fabric4j.RunOptions;
import io.fabric4j.RunWriter;
import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.DatanodeInfo;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.hdfs.protocol.LocatedBlock;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs on an HDFS of three data nodes, with faults. */
@Timeout(180)
class HdfsRunIT {
  @TempDir private static Path clusterFolder;
  private static MiniHdfs cluster;
  private static DistributedFileSystem hdfs;
  private static String root;
  private static CheckpointIO io;

  /** The client gives up at once, so that what is tested is this project's own patience. */
  @BeforeAll
  static void startCluster() throws IOException {
    cluster =
        new MiniHdfs(
            clusterFolder,
            3,
            Map.of(
                "dfs.replication", "2",
                "dfs.client.socket-timeout", "5000",
                "ipc.client.connect.max.retries", "0"));
    hdfs = cluster.fileSystem();
    root = cluster.root();
    io = cluster.io();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  private static RunOptions options(String directory) {
    return RunOptions.of(root + directory, "run").everySteps(1);
  }

  @Test
  void resumesAndLeavesNothingElse() throws Exception {
    assertThatThrownBy(
            () ->
                CountingRun.run(
                    io,
                    options("/resume"),
                    20,
                    step -> {
                      if (step == 7) {
                        throw new IllegalStateException("dies");
                      }
                    }))
        .hasMessage("dies");
    hdfs.createNewFile(new org.apache.hadoop.fs.Path("/resume/run/.fabric-killed.tmp"));
    assertThat(CountingRun.run(io, options("/resume"), 20, step -> {})).isEqualTo(7);
    assertThat(cluster.names("/resume/run"))
        .containsExactly(
            "_finished",
            "_owner",
            "step-18.a1.safetensors",
            "step-19.a1.safetensors",
            "step-20.a1.safetensors");
  }

  @Test
  void writesOnAfterTheLossOfADataNode() throws Exception {
    byte[] content = new byte[8 << 20];
    new Random(1).nextBytes(content);
    String path = root + "/datanode/f";
    try (CheckpointIO.PendingFile file = io.create(path)) {
      file.stream().write(content, 0, content.length / 2);
      file.stream().flush();
      MiniDFSCluster.DataNodeProperties stopped =
          cluster.cluster().stopDataNode(ofPipeline("/datanode"));
      try {
        file.stream().write(content, content.length / 2, content.length / 2);
        file.commit();
        try (InputStream in = io.open(path)) {
          assertThat(in.readAllBytes()).isEqualTo(content);
        }
      } finally {
        cluster.cluster().restartDataNode(stopped, true);
        cluster.cluster().waitActive();
      }
    }
    assertThat(cluster.names("/datanode")).containsExactly("f");
  }

  /** Returns the first data node that a file under construction is written to. */
  private static String ofPipeline(String folder) throws IOException {
    String temporary = folder + "/" + cluster.names(folder).get(0);
    List<LocatedBlock> blocks = hdfs.getClient().getLocatedBlocks(temporary, 0).getLocatedBlocks();
    DatanodeInfo[] nodes = blocks.get(blocks.size() - 1).getLocations();
    return nodes[0].getXferAddr();
  }

  @Test
  void trainsOnWhileTheNameNodeRestarts() throws Exception {
    AtomicLong steps = new AtomicLong();
    CompletableFuture<Long> training =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return CountingRun.run(
                    io,
                    options("/namenode").everySteps(200),
                    2000,
                    step -> {
                      steps.set(step);
                      Thread.sleep(2);
                    });
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await(() -> cluster.names("/namenode/run").contains("step-400.a0.safetensors"));
    cluster.cluster().shutdownNameNode(0);
    long atShutdown = steps.get();
    await(() -> steps.get() > atShutdown + 50); // the loop goes on
    cluster.cluster().restartNameNode(0);
    assertThat(training.get(120, TimeUnit.SECONDS)).isZero();
    assertThat(cluster.names("/namenode/run"))
        .containsExactly(
            "_finished",
            "_owner",
            "step-1600.a0.safetensors",
            "step-1800.a0.safetensors",
            "step-2000.a0.safetensors");
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!holds(condition)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static boolean holds(Condition condition) {
    try {
      return condition.holds();
    } catch (IOException e) {
      return false; // not there yet
    }
  }

  @Test
  void saysThatTheQuotaIsExceeded() throws Exception {
    hdfs.mkdirs(new org.apache.hadoop.fs.Path("/quota"));
    hdfs.setQuota(
        new org.apache.hadoop.fs.Path("/quota"), HdfsConstants.QUOTA_DONT_SET, 300L << 20);
    String path = root + "/quota/f";
    assertThatThrownBy(() -> save(path, 64 << 20))
        .isInstanceOf(CheckpointException.class)
        .hasMessageMatching(
            "Cannot (write|commit) checkpoint file "
                + path
                + ": DSQuotaExceededException: The DiskSpace quota of /quota is exceeded: quota = .*")
        .hasMessageNotContaining("\n");
    assertThat(cluster.names("/quota")).isEmpty();
  }

  @Test
  void saysThatThereAreTooManyFiles() throws Exception {
    hdfs.mkdirs(new org.apache.hadoop.fs.Path("/count"));
    hdfs.setQuota(new org.apache.hadoop.fs.Path("/count"), 1, HdfsConstants.QUOTA_DONT_SET);
    String path = root + "/count/f";
    assertThatThrownBy(() -> save(path, 10))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "Cannot create checkpoint file "
                + path
                + ": NSQuotaExceededException: The NameSpace quota (directories and files) of"
                + " directory /count is exceeded: quota=1 file count=2.");
  }

  /** Saves an array of floats. */
  private static void save(String path, int length) throws Exception {
    CountingRun.onStorage(
        io,
        null,
        fabric -> {
          Map<String, Object> state = new HashMap<>();
          state.put("array", fabric.manager().zeros(new Shape(length)));
          fabric.save(path, state);
          return null;
        });
  }

  @Test
  void saysWhoMayNotWriteToARun() throws Exception {
    hdfs.mkdirs(new org.apache.hadoop.fs.Path("/private"));
    UserGroupInformation alice =
        UserGroupInformation.createUserForTesting("alice", new String[] {"users"});
    PrivilegedExceptionAction<Long> train =
        () -> CountingRun.run(io, options("/private"), 3, step -> {});
    assertThatThrownBy(() -> alice.doAs(train))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            ("Cannot create checkpoint file %s/private/run/_heartbeat.a0: AccessControlException:"
                    + " Permission denied: user=alice, access=WRITE, inode=\"/private\":")
                .formatted(root))
        .hasMessageEndingWith(
            "lets user 'alice' read and write %s/private/run, or use another path."
                .formatted(root));
  }

  @Test
  void refusesASecondWriterAndNamesTheFirst() throws Exception {
    RunOptions options = options("/second").ownerTimeout(Duration.ofSeconds(12));
    RunOptions first = options.writtenBy(new RunWriter("app-1", 0, 0));
    RunOptions second = options.writtenBy(new RunWriter("app-2", 0, 0));
    CountingRun.run(
        io,
        first,
        3,
        step -> {
          if (step == 2) {
            assertThatThrownBy(() -> CountingRun.run(io, second, 3, unused -> {}))
                .isInstanceOf(FabricException.class)
                .hasMessage(
                    "Cannot write to run %s/second/run: it belongs to app-1 (launched"
                            .formatted(root)
                        + " 1970-01-01T00:00:00Z, attempt 0) on localhost, which is alive. Stop"
                        + " that application, or choose another run id.");
          }
        });
    assertThat(cluster.names("/second/run"))
        .containsExactly(
            "_finished",
            "_owner",
            "step-1.a0.safetensors",
            "step-2.a0.safetensors",
            "step-3.a0.safetensors");
  }
}
