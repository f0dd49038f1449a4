package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.Serializable;

/**
 * What a rank's training loops did in an interval of about a second. Times are microseconds of the
 * rank's thread.
 *
 * @param attempt of the stage, from 0
 * @param rank the rank
 * @param end when the interval ended, in milliseconds since 1970 by the executor's clock
 * @param epoch of the data loader, at the end
 * @param batches of the epoch, at the end
 * @param totalBatches of the epoch
 * @param steps batches of this interval
 * @param rows of this interval
 * @param total time within loops
 * @param data waiting for batches
 * @param forward in forwards
 * @param backward computing gradients
 * @param sync combining them with the other ranks'
 * @param optimizer updating parameters
 * @param process resident memory of the rank's process in MiB
 * @param heap of it Java heap
 * @param device memory taken on the GPU in MiB
 * @param deviceTotal the GPU's memory in MiB, 0 on a CPU
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
@JsonPropertyOrder({
  "attempt",
  "rank",
  "end",
  "epoch",
  "batches",
  "totalBatches",
  "steps",
  "rows",
  "total",
  "data",
  "forward",
  "backward",
  "sync",
  "optimizer",
  "process",
  "heap",
  "device",
  "deviceTotal"
})
public record RankInterval(
    int attempt,
    int rank,
    long end,
    long epoch,
    long batches,
    long totalBatches,
    long steps,
    long rows,
    long total,
    long data,
    long forward,
    long backward,
    long sync,
    long optimizer,
    long process,
    long heap,
    long device,
    long deviceTotal)
    implements Serializable {

  /** Returns this interval and the next one as one. */
  RankInterval with(RankInterval next) {
    return new RankInterval(
        attempt,
        rank,
        next.end,
        next.epoch,
        next.batches,
        next.totalBatches,
        steps + next.steps,
        rows + next.rows,
        total + next.total,
        data + next.data,
        forward + next.forward,
        backward + next.backward,
        sync + next.sync,
        optimizer + next.optimizer,
        Math.max(process, next.process),
        Math.max(heap, next.heap),
        Math.max(device, next.device),
        next.deviceTotal);
  }
}
