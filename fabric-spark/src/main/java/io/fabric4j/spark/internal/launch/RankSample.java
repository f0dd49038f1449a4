package io.fabric4j.spark.internal.launch;

import io.fabric4j.spark.internal.live.RankInterval;
import java.io.Serializable;

/**
 * What a rank measured about once a second.
 *
 * @param step batches of training since the rank started
 * @param rates learning rates of the first parameter groups
 * @param norm of the gradients before they were last clipped, NaN if unknown
 */
record RankSample(RankInterval interval, long step, double[] rates, double norm)
    implements Serializable {}
