/** The blocks of the built-in networks. */
package io.fabric4j.spark.internal.ml.net;
