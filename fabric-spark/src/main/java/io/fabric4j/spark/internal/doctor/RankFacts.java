package io.fabric4j.spark.internal.doctor;

import java.io.Serializable;
import java.util.Map;

/**
 * What a rank found where it ran.
 *
 * @param host Spark's name of it
 * @param device in words
 * @param versions of the libraries
 * @param transport of the ranks' collectives
 * @param sum whether an all-reduce gave the right sum
 * @param memory of the host
 * @param gigabytesPerSecond by peer
 * @param storageProblem why checkpoints cannot be kept, empty if they can
 * @param identity as whom the storage is reached, null without checkpoints
 */
record RankFacts(
    int rank,
    String host,
    String device,
    String versions,
    String transport,
    boolean sum,
    HostMemory memory,
    Map<Integer, Double> gigabytesPerSecond,
    String storageProblem,
    StorageIdentity identity)
    implements Serializable {}
