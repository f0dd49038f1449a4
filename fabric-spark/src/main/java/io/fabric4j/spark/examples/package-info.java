/** Applications to run with spark-submit and to copy from. */
package io.fabric4j.spark.examples;
