package io.fabric4j.notebooks;

import io.fabric4j.spark.notebook.Figure;
import java.util.UUID;
import java.util.function.Consumer;
import org.dflib.jjava.jupyter.kernel.DisplayStream;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;

/** The thread of a kernel's cells, which knows where they show figures. */
final class CellThread extends Thread {
  private final DisplayStream display;
  private final Outbox outbox;

  CellThread(Runnable cells, DisplayStream display, Outbox outbox) {
    super(cells, "cells");
    this.display = display;
    this.outbox = outbox;
  }

  Consumer<Figure> open() {
    Place place = new Place(display);
    return figure -> outbox.send(() -> place.accept(figure));
  }

  private static final class Place implements Consumer<Figure> {
    private final DisplayStream display;
    private final String id = UUID.randomUUID().toString();
    private boolean shown;

    Place(DisplayStream display) {
      this.display = display;
    }

    @Override
    public void accept(Figure figure) {
      DisplayData data = new DisplayData(figure.text());
      data.putHTML(figure.html());
      data.setDisplayId(id);
      if (shown) {
        display.updateDisplay(data);
      } else {
        display.display(data);
        shown = true;
      }
    }
  }
}
