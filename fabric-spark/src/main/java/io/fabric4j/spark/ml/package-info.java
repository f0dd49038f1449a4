/** Spark ML stages that train and apply networks. */
package io.fabric4j.spark.ml;
