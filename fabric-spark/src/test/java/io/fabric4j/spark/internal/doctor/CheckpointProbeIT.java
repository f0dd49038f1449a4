package io.fabric4j.spark.internal.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import java.io.IOException;
import java.security.PrivilegedExceptionAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor tells of a folder of checkpoints on HDFS. */
@Timeout(120)
class CheckpointProbeIT {
  @TempDir private static java.nio.file.Path clusterFolder;
  private static final Configuration CONFIGURATION = new Configuration();
  private static MiniDFSCluster cluster;
  private static DistributedFileSystem hdfs;

  @BeforeAll
  static void startCluster() throws IOException {
    CONFIGURATION.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, clusterFolder.toString());
    cluster = new MiniDFSCluster.Builder(CONFIGURATION).numDataNodes(1).build();
    cluster.waitActive();
    hdfs = cluster.getFileSystem();
  }

  @AfterAll
  static void stopCluster() {
    cluster.shutdown();
  }

  private static String probe(String folder) {
    return CheckpointProbe.run(new HadoopCheckpointIO(CONFIGURATION), folder);
  }

  private static String folder(String name) throws IOException {
    Path folder = new Path(hdfs.getUri().toString(), name);
    hdfs.mkdirs(folder);
    return folder.toString();
  }

  @Test
  void findsAFolderGoodAndLeavesNothingInIt() throws IOException {
    String runs = folder("/runs");

    assertThat(probe(runs)).isEmpty();
    assertThat(probe(runs + "/")).isEmpty();
    assertThat(hdfs.listStatus(new Path(runs))).isEmpty();
  }

  @Test
  void tellsThatTheQuotaIsUsedUp() throws IOException {
    String full = folder("/full");
    hdfs.setQuota(new Path(full), 1, HdfsConstants.QUOTA_DONT_SET);

    assertThat(probe(full))
        .startsWith("Cannot create checkpoint file " + full + "/.fabric-")
        .contains("quota")
        .endsWith(", or use another path.");
  }

  @Test
  void tellsWhoIsNotPermitted() throws Exception {
    String closed = folder("/closed");
    String problem =
        UserGroupInformation.createRemoteUser("ann")
            .doAs((PrivilegedExceptionAction<String>) () -> probe(closed));

    assertThat(problem)
        .startsWith("Cannot create checkpoint file " + closed + "/.fabric-")
        .contains("Permission denied: user=ann");
  }

  @Test
  void knowsAsWhomTheStorageIsReached() throws IOException {
    StorageIdentity identity = StorageIdentity.of(CONFIGURATION, folder("/runs"));

    assertThat(identity.user()).isEqualTo(System.getProperty("user.name"));
    assertThat(identity.secure()).isFalse();
    assertThat(identity.service()).isEqualTo(hdfs.getCanonicalServiceName());
    assertThat(identity.hasToken()).isFalse();
    assertThat(StorageIdentity.of(CONFIGURATION, clusterFolder.toUri().toString()).service())
        .isNull();
  }
}
