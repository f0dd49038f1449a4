package io.fabric4j.spark.checkpoint;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** An HDFS in this JVM. */
public final class MiniHdfs implements AutoCloseable {
  private final Configuration configuration = new Configuration();
  private final MiniDFSCluster cluster;

  public MiniHdfs(Path folder, int dataNodes, Map<String, String> settings) throws IOException {
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    // Closing a file asks again after this time if the data node has not yet reported the block.
    configuration.set("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "10");
    configuration.set("dfs.client.block.write.locateFollowingBlock.retries", "11");
    configuration.set("dfs.client.retry.window.base", "10");
    settings.forEach(configuration::set);
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(dataNodes).build();
    cluster.waitActive();
  }

  public MiniDFSCluster cluster() {
    return cluster;
  }

  public Configuration configuration() {
    return configuration;
  }

  public DistributedFileSystem fileSystem() throws IOException {
    return cluster.getFileSystem();
  }

  /** Returns a URI without a slash at its end. */
  public String root() throws IOException {
    return fileSystem().getUri().toString();
  }

  CheckpointIO io() {
    return new HadoopCheckpointIO(configuration);
  }

  /** Returns the names of all files and folders in a folder. */
  public List<String> names(String folder) throws IOException {
    return Arrays.stream(fileSystem().listStatus(new org.apache.hadoop.fs.Path(folder)))
        .map(FileStatus::getPath)
        .map(org.apache.hadoop.fs.Path::getName)
        .toList();
  }

  @Override
  public void close() {
    cluster.shutdown();
  }
}
