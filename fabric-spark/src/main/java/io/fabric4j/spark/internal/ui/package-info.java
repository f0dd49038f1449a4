/**
 * The live view in Spark's UI and History Server. Every use of members that Spark keeps to itself
 * ({@code private[spark]}) is here; launches go on where it fails.
 */
package io.fabric4j.spark.internal.ui;
