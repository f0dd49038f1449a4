package io.fabric4j.strategies;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** What a strategy sees of a block that was set up. */
public interface FlatModel {

  /** Returns the trainable parameters, in the same order on every rank. */
  List<? extends FlatBuffers> groups();

  /** Returns the arrays that no optimizer changes: frozen parameters and running statistics. */
  List<NDArray> constants();

  /** Returns the running statistics that a training forward changes. */
  List<NDArray> buffers();
}
