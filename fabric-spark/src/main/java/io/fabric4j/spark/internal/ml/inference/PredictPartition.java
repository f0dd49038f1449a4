package io.fabric4j.spark.internal.ml.inference;

import ai.djl.Device;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.cuda.CudaHost;
import io.fabric4j.internal.distributed.ObjectCodec;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Adds predictions to the rows of a task.
 *
 * @param model tells its network from others
 * @param network a serialized {@link NetworkSource}
 * @param fields positions of the inputs in a row
 */
record PredictPartition(String model, Broadcast<byte[]> network, Inference inference, int[] fields)
    implements MapPartitionsFunction<Row, Row> {

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    TaskContext task = TaskContext.get();
    NetworkCache.Key key = new NetworkCache.Key(model, device(task));
    PredictedRows predicted =
        new PredictedRows(
            rows, this, task.cpus(), () -> NetworkCache.shared().acquire(key, this::source));
    TaskCompletionListener free = ended -> predicted.close();
    task.addTaskCompletionListener(free);
    return predicted;
  }

  private NetworkSource source() {
    return (NetworkSource) ObjectCodec.decode(network.value());
  }

  private Device device(TaskContext task) {
    ResourceInformation gpus = task.resourcesJMap().get("gpu");
    return switch (inference.useGpu()) {
      case "false" -> Device.cpu();
      case "true" -> gpu(gpus == null ? "" : gpus.addresses()[0]);
      default -> gpus == null ? Device.cpu() : gpu(gpus.addresses()[0]);
    };
  }

  private static Device gpu(String address) {
    return CudaHost.local().device(RankInfo.single(), address);
  }
}
