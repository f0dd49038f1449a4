/** The params of the Spark ML stages, declared once. */
package io.fabric4j.spark.internal.ml.params;
