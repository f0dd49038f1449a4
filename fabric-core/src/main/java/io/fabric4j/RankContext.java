package io.fabric4j;

import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.strategies.Strategy;

/**
 * What the objects of one rank share.
 *
 * @param group the ranks
 * @param strategy how they train
 * @param tracker the batch that the rank's loop is working on
 * @param manager owner of arrays that live as long as the rank's Fabric
 */
record RankContext(
    ProcessGroup group, Strategy strategy, BatchTracker tracker, NDManager manager) {}
