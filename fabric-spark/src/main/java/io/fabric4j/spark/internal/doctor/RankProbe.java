package io.fabric4j.spark.internal.doctor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.NativeResources;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import io.fabric4j.spark.internal.data.Table;
import io.fabric4j.spark.internal.launch.RankFunction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.SerializableConfiguration;

/** Runs on every rank of the doctor's launch. */
final class RankProbe implements RankFunction<List<RankFacts>> {
  private static final long serialVersionUID = 1L;
  private static final int FLOATS = 100_003;

  private final SerializableConfiguration hadoop;
  private final String checkpoints;

  /**
   * @param checkpoints folder, null for none
   */
  RankProbe(Configuration hadoop, String checkpoints) {
    this.hadoop = new SerializableConfiguration(hadoop);
    this.checkpoints = checkpoints;
  }

  @Override
  public List<RankFacts> run(Fabric fabric, Map<String, Table> tables) throws IOException {
    RankFacts facts =
        new RankFacts(
            fabric.globalRank(),
            SparkEnv.get().blockManager().blockManagerId().host(),
            CUDAAccelerator.describe(fabric.device()),
            versions(),
            fabric.processGroup().transport(),
            sums(fabric),
            HostMemory.read(),
            PeerBandwidth.measure(fabric),
            checkpoints == null
                ? ""
                : CheckpointProbe.run(new HadoopCheckpointIO(hadoop.value()), checkpoints),
            checkpoints == null ? null : StorageIdentity.of(hadoop.value(), checkpoints));
    return new ArrayList<>(fabric.processGroup().allGatherObject(facts));
  }

  static String versions() {
    return "Java "
        + Runtime.version().feature()
        + ", DJL "
        + Engine.getDjlVersion()
        + ", PyTorch "
        + Engine.getEngine("PyTorch").getVersion()
        + ", bindings "
        + NativeResources.mavenVersion("org.bytedeco", "pytorch");
  }

  /** Returns whether the ranks' numbers add up to what they must. */
  private static boolean sums(Fabric fabric) {
    int ranks = fabric.worldSize();
    try (NDArray array = fabric.manager().ones(new Shape(FLOATS)).muli(fabric.globalRank() + 1)) {
      fabric.processGroup().allReduce(array, ReduceOp.SUM).waitFor();
      float expected = ranks * (ranks + 1) / 2f;
      try (NDArray least = array.min();
          NDArray greatest = array.max()) {
        return least.getFloat() == expected && greatest.getFloat() == expected;
      }
    }
  }
}
