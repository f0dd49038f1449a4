/** A fit, on the driver and on the ranks. */
package io.fabric4j.spark.internal.ml.fit;
