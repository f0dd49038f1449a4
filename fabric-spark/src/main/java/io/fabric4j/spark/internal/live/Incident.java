package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Something that interrupts the training.
 *
 * @param attempt of the stage of the ranks, from 0
 * @param rank the rank, -1 if it concerns all
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Incident(long time, Kind kind, int attempt, int rank, String text) {

  /** Kinds of incidents. */
  public enum Kind {
    /** A rank's task failed. */
    FAILURE,
    /** All ranks start again. */
    RETRY
  }
}
