package io.fabric4j.spark.notebook;

import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A place in the output of a notebook's cell, whose figure can be replaced. Thread-safe. */
public final class CellOutput {
  private final Consumer<Figure> place;
  private final boolean replaceable;

  private CellOutput(Consumer<Figure> place, boolean replaceable) {
    this.place = place;
    this.replaceable = replaceable;
  }

  /** Returns a new place in the cell that the calling thread runs; standard output without one. */
  public static CellOutput here() {
    Stream<NotebookFrontend> others =
        ServiceLoader.load(NotebookFrontend.class, CellOutput.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get);
    return Stream.concat(others, Stream.of(new RapaioFrontend(), new ZeppelinFrontend()))
        .map(NotebookFrontend::open)
        .flatMap(Optional::stream)
        .findFirst()
        .map(place -> new CellOutput(place, true))
        .orElseGet(() -> new CellOutput(figure -> System.out.println(figure.text()), false));
  }

  /** Returns whether a figure takes the place of the one before, instead of following it. */
  public boolean isReplaceable() {
    return replaceable;
  }

  /** Shows a figure, in the place of the one before. */
  public synchronized void show(Figure figure) {
    place.accept(Objects.requireNonNull(figure, "figure is null"));
  }
}
