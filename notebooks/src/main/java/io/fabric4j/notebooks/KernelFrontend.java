package io.fabric4j.notebooks;

import io.fabric4j.spark.notebook.Figure;
import io.fabric4j.spark.notebook.NotebookFrontend;
import java.util.Optional;
import java.util.function.Consumer;

/** Figures in cells of {@link SparkKernel}. */
public final class KernelFrontend implements NotebookFrontend {

  @Override
  public Optional<Consumer<Figure>> open() {
    return Thread.currentThread() instanceof CellThread cells
        ? Optional.of(cells.open())
        : Optional.empty();
  }
}
