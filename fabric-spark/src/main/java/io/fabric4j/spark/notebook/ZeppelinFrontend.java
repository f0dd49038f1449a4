package io.fabric4j.spark.notebook;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Zeppelin: the output of a paragraph is a list of blocks, and a line that starts with {@code
 * %html} opens one. The interpreter's classes are not on the class path of this module.
 */
final class ZeppelinFrontend implements NotebookFrontend {
  private static final String CONTEXT = "org.apache.zeppelin.interpreter.InterpreterContext";

  @Override
  public Optional<Consumer<Figure>> open() {
    try {
      Class<?> type = Class.forName(CONTEXT, true, Thread.currentThread().getContextClassLoader());
      Object context = type.getMethod("get").invoke(null);
      if (context == null) {
        return Optional.empty();
      }
      return Optional.of(new Place((OutputStream) type.getField("out").get(context)));
    } catch (ReflectiveOperationException | LinkageError e) {
      return Optional.empty();
    }
  }

  private static final class Place implements Consumer<Figure> {
    private final OutputStream paragraph;
    private OutputStream block;

    Place(OutputStream paragraph) {
      this.paragraph = paragraph;
    }

    @Override
    public void accept(Figure figure) {
      try {
        if (block == null) {
          write(paragraph, "\n%html " + figure.html());
          block =
              (OutputStream) paragraph.getClass().getMethod("getCurrentOutput").invoke(paragraph);
          write(paragraph, "\n%text ");
        } else {
          block.getClass().getMethod("clear").invoke(block);
          write(block, figure.html());
        }
      } catch (IOException | ReflectiveOperationException e) {
        throw new IllegalStateException("Zeppelin cannot display a figure: " + e, e);
      }
    }

    private static void write(OutputStream out, String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }
}
