package io.fabric4j.spark.notebook;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * A kind of notebook. Those of the Java kernel by rapaio and of Zeppelin are known, others are
 * found by {@link java.util.ServiceLoader}.
 */
public interface NotebookFrontend {

  /**
   * Makes a place in the output of a cell. The first figure that it is given appears there, each
   * further one takes the place of the one before. Any thread may give it figures.
   *
   * @return empty if the calling thread does not run a cell of this kind of notebook
   */
  Optional<Consumer<Figure>> open();
}
