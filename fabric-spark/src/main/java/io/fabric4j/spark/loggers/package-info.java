/** Loggers on the storage systems and services of a Spark cluster. */
package io.fabric4j.spark.loggers;
