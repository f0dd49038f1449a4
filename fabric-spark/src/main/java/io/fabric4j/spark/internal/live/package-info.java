/** What a launch tells the live view, as events on Spark's listener bus and in its event log. */
package io.fabric4j.spark.internal.live;
