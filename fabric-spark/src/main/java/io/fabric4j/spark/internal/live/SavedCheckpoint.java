package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.Serializable;

/**
 * A checkpoint that is complete.
 *
 * @param time when, by the executor's clock
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SavedCheckpoint(long time, String path, long bytes) implements Serializable {}
