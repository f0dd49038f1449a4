package io.fabric4j.spark.notebook;

import java.io.Serializable;

/** Something to look at in a notebook. */
public interface Figure extends Serializable {

  /**
   * Returns a fragment of HTML that needs no script, style sheet or file, for front ends that
   * {@link #show} does not know; in Almond: {@code kernel.publish.html(figure.html)}.
   */
  String html();

  /** Returns what is shown where there is no HTML. */
  String text();

  /**
   * Shows this in the cell that the calling thread runs, on standard output where there is none.
   */
  default void show() {
    CellOutput.here().show(this);
  }
}
