/** Batched prediction with trained networks: rows in, rows with more columns out. */
package io.fabric4j.spark.internal.ml.inference;
