package io.fabric4j.nn;

import io.fabric4j.distributed.ProcessGroup;
import java.util.function.IntSupplier;

/**
 * A block whose forward and backward call collectives. {@code Fabric.setup} binds such blocks of a
 * model to the run.
 */
public interface CollectiveBlock {

  /**
   * Lets the block work with other ranks from now on. All ranks must then run forward in training
   * mode, and backward, equally often.
   *
   * @param group the ranks
   * @param rowsOfThisRank how many rows of the current batch count on this rank; 0 for a batch that
   *     only fills a step up, which then changes neither the other ranks' results nor gradients
   */
  void bind(ProcessGroup group, IntSupplier rowsOfThisRank);

  /**
   * Throws the exception that a collective met in this block's last backward, if any. To be called
   * after backward: native code cannot pass the exception on.
   */
  void throwBackwardFailure();

  /** Lets the block work alone again. Call it after the last backward, before the group closes. */
  void unbind();
}
