package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A launch begins.
 *
 * @param run number of the launch, unique within the application
 * @param name the run's id
 * @param time in milliseconds since 1970, as all times of events
 * @param ranks how many
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunStarted(long run, String name, long time, int ranks)
    implements SparkListenerEvent {}
