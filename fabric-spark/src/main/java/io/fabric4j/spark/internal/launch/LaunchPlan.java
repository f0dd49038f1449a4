package io.fabric4j.spark.internal.launch;

import org.apache.spark.resource.ResourceProfile;

/**
 * What the driver has found to be possible.
 *
 * @param ranks their number
 * @param profile what Spark reserves for each
 * @param slots in which ranks could run, busy or not
 */
record LaunchPlan(int ranks, ResourceProfile profile, int slots) {}
