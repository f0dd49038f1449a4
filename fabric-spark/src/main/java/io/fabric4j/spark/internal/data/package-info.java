/** From rows of a Spark partition to tensors of a rank. */
package io.fabric4j.spark.internal.data;
