/** Runs Fabric on Spark: one rank per task of a barrier stage. */
package io.fabric4j.spark;
