package io.fabric4j.spark;

import io.fabric4j.Fabric;
import java.io.Serializable;

/**
 * The code of one rank that trains on Spark's data. It is serialized on the driver and runs in the
 * tasks, so what it captures must be serializable.
 *
 * @param <R> type of the result; rank 0's is returned to the caller of launch
 */
@FunctionalInterface
public interface ShardFunction<R> extends Serializable {

  /**
   * Runs the training code of one rank.
   *
   * @param shards this rank's rows of each input; valid during the call
   */
  R run(Fabric fabric, Shards shards) throws Exception;
}
