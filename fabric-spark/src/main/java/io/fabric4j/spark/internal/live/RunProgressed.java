package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * What has become known of a launch since the last such event.
 *
 * @param run number of the launch
 * @param time when
 * @param attempt of the stage of the ranks, from 0, -1 before it starts
 * @param explanation rank 0's account of its settings, if it is new, else empty
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunProgressed(
    long run,
    long time,
    int attempt,
    String explanation,
    List<RankNote> ranks,
    List<RankInterval> intervals,
    List<Curve> curves,
    List<SavedCheckpoint> checkpoints,
    List<Incident> incidents)
    implements SparkListenerEvent {}
