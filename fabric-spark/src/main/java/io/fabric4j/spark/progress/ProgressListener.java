package io.fabric4j.spark.progress;

/**
 * Is told on the driver how a launch goes on: with each heartbeat of an executor that brings news,
 * and once after its end. Calls come one after the other, from a thread of Spark's that other
 * listeners wait for, so return quickly. An exception is logged and changes nothing.
 */
@FunctionalInterface
public interface ProgressListener {

  /** Takes what is known now; later calls bring the same and more. */
  void onProgress(TrainingHistory history);
}
