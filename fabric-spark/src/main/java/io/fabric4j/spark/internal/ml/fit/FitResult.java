package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.ml.NetworkSignature;
import io.fabric4j.spark.ml.TrainingEpoch;
import java.io.Serializable;
import java.util.List;

/**
 * What rank 0 returns to the driver.
 *
 * @param weights of the best epoch, as a safetensors file
 */
record FitResult(
    NetworkSignature signature,
    byte[] weights,
    List<TrainingEpoch> epochs,
    int bestEpoch,
    boolean stoppedEarly,
    long trainRows,
    long validationRows)
    implements Serializable {}
