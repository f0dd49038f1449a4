package io.fabric4j.spark.notebook;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The Java kernel by rapaio, whose display functions are static, if it is what runs this process.
 */
final class RapaioFrontend implements NotebookFrontend {
  private static final String FUNCTIONS = "org.rapaio.jupyter.kernel.global.Global";
  private static final String HTML = "text/html";

  @Override
  public Optional<Consumer<Figure>> open() {
    try {
      Class<?> functions =
          Class.forName(FUNCTIONS, true, Thread.currentThread().getContextClassLoader());
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      return Optional.of(
          new Place(
              lookup.findStatic(
                  functions,
                  "display",
                  MethodType.methodType(String.class, String.class, Object.class)),
              lookup.findStatic(
                  functions,
                  "updateDisplay",
                  MethodType.methodType(void.class, String.class, String.class, Object.class))));
    } catch (ReflectiveOperationException | LinkageError e) {
      return Optional.empty();
    }
  }

  private static final class Place implements Consumer<Figure> {
    private final MethodHandle display;
    private final MethodHandle update;
    private String id;

    Place(MethodHandle display, MethodHandle update) {
      this.display = display;
      this.update = update;
    }

    @Override
    public void accept(Figure figure) {
      try {
        if (id == null) {
          id = (String) display.invoke(HTML, (Object) figure.html());
        } else {
          update.invoke(id, HTML, (Object) figure.html());
        }
      } catch (Throwable e) { // what MethodHandle.invoke declares
        throw new IllegalStateException("The kernel cannot display a figure: " + e, e);
      }
    }
  }
}
