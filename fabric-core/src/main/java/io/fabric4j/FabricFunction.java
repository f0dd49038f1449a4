package io.fabric4j;

import java.io.Serializable;

/**
 * The code of one rank. Every rank runs it with a {@link Fabric} of its own; on Spark it is
 * serialized on the driver and runs in the tasks, so what it captures must be serializable.
 *
 * @param <R> type of the result; rank 0's is returned to the caller of launch
 */
@FunctionalInterface
public interface FabricFunction<R> extends Serializable {

  /** Runs the training code of one rank. */
  R run(Fabric fabric) throws Exception;
}
