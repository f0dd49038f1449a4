/** What the Spark ML stages do inside. */
package io.fabric4j.spark.internal.ml;
