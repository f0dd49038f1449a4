package io.fabric4j.spark;

import java.io.Serializable;
import java.util.Objects;

/**
 * How ranks read their inputs.
 *
 * @param memoryBudget bytes, {@link SparkFabricOptions#MEMORY_BUDGET}
 * @param handleInvalid {@link SparkFabricOptions#HANDLE_INVALID}
 */
public record DataOptions(long memoryBudget, HandleInvalid handleInvalid) implements Serializable {

  /** Rejects values that can never work. */
  public DataOptions {
    Objects.requireNonNull(handleInvalid, "handleInvalid is null");
  }
}
