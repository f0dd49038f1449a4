/** From launch on the driver to ranks in the tasks, and back. */
package io.fabric4j.spark.internal.launch;
