package io.fabric4j.spark.internal.ui;

import io.fabric4j.spark.internal.live.Incident;
import io.fabric4j.spark.internal.live.RankNote;
import io.fabric4j.spark.internal.live.SavedCheckpoint;
import java.util.List;
import org.apache.spark.util.kvstore.KVIndex;

/**
 * What Spark's store keeps of a launch, apart from its {@link SeriesRecord}s. Times are
 * milliseconds since 1970, 0 if unknown.
 *
 * @param run number of the launch
 * @param version number of the last event
 * @param state running, succeeded or failed
 * @param message why it failed, else empty
 * @param ranks how many
 * @param epoch of rank 0's data loader
 * @param batches of the epoch that rank 0 has had
 * @param totalBatches of the epoch, 0 before rank 0 trains
 * @param attempt of the stage of the ranks, from 0, -1 before it starts
 */
public record RunRecord(
    long run,
    String name,
    long version,
    String state,
    String message,
    int ranks,
    int attempt,
    long started,
    long updated,
    long ended,
    long epoch,
    long batches,
    long totalBatches,
    String explanation,
    List<RankNote> notes,
    List<SavedCheckpoint> checkpoints,
    List<Incident> incidents) {

  /** Returns the key in the store. */
  @KVIndex
  public long key() {
    return run;
  }
}
