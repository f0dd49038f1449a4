package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * A launch has ended.
 *
 * @param run number of the launch
 * @param time when
 * @param succeeded whether it returned a result
 * @param message why it failed, else empty
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunEnded(long run, long time, boolean succeeded, String message)
    implements SparkListenerEvent {}
