/** Examines whether a cluster can train. Not API. */
package io.fabric4j.spark.internal.doctor;
