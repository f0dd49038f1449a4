/** Checkpoints on the storage systems of a Spark cluster. */
package io.fabric4j.spark.checkpoint;
