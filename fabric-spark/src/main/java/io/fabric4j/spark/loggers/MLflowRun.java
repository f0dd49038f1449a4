package io.fabric4j.spark.loggers;

import java.io.Serializable;
import java.util.TreeMap;

/**
 * A run of MLflow.
 *
 * @param runName empty if the server names it
 * @param tags by name
 * @param resuming whether the newest run of this name goes on
 */
record MLflowRun(
    String trackingUri,
    String experiment,
    String runName,
    TreeMap<String, String> tags,
    boolean resuming)
    implements Serializable {}
