package io.fabric4j.spark.internal.ml.inference;

import ai.djl.Device;
import io.fabric4j.internal.distributed.ObjectCodec;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A trained network that models share with their copies. It holds no native memory itself: a
 * process that predicts loads it into its {@link NetworkCache}.
 */
public final class ServedNetwork implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String id;
  private final NetworkSource source;
  private transient Broadcast<byte[]> broadcast;
  private transient SparkContext context;

  /**
   * Serves a network.
   *
   * @param id differs between any two sets of weights
   */
  public ServedNetwork(String id, NetworkSource source) {
    this.id = id;
    this.source = source;
  }

  String id() {
    return id;
  }

  /** Returns the serialized source for the tasks of an application, sent once. */
  synchronized Broadcast<byte[]> broadcast(SparkContext application) {
    if (broadcast == null || context != application) {
      // Not the object itself: Spark would serialize it with the application's own serializer.
      broadcast =
          JavaSparkContext.fromSparkContext(application).broadcast(ObjectCodec.encode(source));
      context = application;
    }
    return broadcast;
  }

  /**
   * Predicts for one row, on a CPU of this process.
   *
   * @return the elements of each output
   * @throws IllegalArgumentException if a value is not what the network was trained on
   */
  public float[][] predict(List<ColumnSpec> inputs, HandleInvalid handleInvalid, Object... values) {
    NetworkCache.Key key = new NetworkCache.Key(id, Device.cpu());
    HandleInvalid invalid =
        handleInvalid == HandleInvalid.KEEP ? HandleInvalid.KEEP : HandleInvalid.ERROR;
    try (InputBatch batch = new InputBatch(inputs, invalid, 1);
        NetworkCache.Lease lease = NetworkCache.shared().acquire(key, () -> source)) {
      batch.add(values);
      return lease.network().predict(batch, 1);
    }
  }
}
