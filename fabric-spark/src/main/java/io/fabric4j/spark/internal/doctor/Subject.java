package io.fabric4j.spark.internal.doctor;

import io.fabric4j.spark.SparkFabricOptions;
import java.util.Optional;

/**
 * What the doctor is asked about.
 *
 * @param options of the launch
 * @param parameters trainable parameters of the model, 0 if not known
 * @param moments numbers that the optimizer keeps per parameter
 * @param checkpoints folder of the checkpoints, null if there is none
 */
public record Subject(
    SparkFabricOptions options, long parameters, int moments, String checkpoints) {

  Optional<String> checkpointFolder() {
    return Optional.ofNullable(checkpoints);
  }

  Optional<MemoryNeed> memoryNeed(int ranks) {
    return parameters == 0 ? Optional.empty() : Optional.of(MemoryNeed.of(this, ranks));
  }
}
