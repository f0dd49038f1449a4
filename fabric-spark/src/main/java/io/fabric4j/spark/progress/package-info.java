/** What the driver knows of a training run while it goes on, and afterwards. */
package io.fabric4j.spark.progress;
