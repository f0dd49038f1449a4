package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.ml.FabricTrainingSummary;

/** What a fit gives to a model. */
public record Fitted(TrainedNetwork network, FabricTrainingSummary summary) {}
