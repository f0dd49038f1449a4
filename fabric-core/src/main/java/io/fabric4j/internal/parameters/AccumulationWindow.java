package io.fabric4j.internal.parameters;

/**
 * Makes gradients that several backwards accumulate without synchronization those of the mean loss
 * over all rows of the window, times the number of backwards. With equal batches that is the plain
 * sum of the backwards, as in torch; a smaller batch counts by its rows.
 *
 * <p>A backward adds {@code rows / globalRows} times its gradient, where both numbers are those of
 * its own batch. The window keeps the buffers in units of the last batch's rows, and multiplies
 * them when another number of rows follows, which equal batches never need.
 */
public final class AccumulationWindow {
  private final FlatParameters parameters;
  private long backwards;
  private long rows;
  private long unit;

  public AccumulationWindow(FlatParameters parameters) {
    this.parameters = parameters;
  }

  /** Runs before a backward over a batch of so many rows on all ranks together. */
  public void beforeBackward(long globalRows) {
    if (backwards > 0) {
      scale((double) unit / globalRows);
    }
    unit = globalRows;
    backwards++;
    rows += globalRows;
  }

  /** Runs after the last backward of the window. */
  public void finish() {
    scale(finalFactor());
    reset();
  }

  /** Returns whether {@link #finish} would leave the gradients of the last backward as they are. */
  public boolean isBalanced() {
    return finalFactor() == 1;
  }

  private double finalFactor() {
    return (double) backwards * unit / rows;
  }

  /** Forgets the window. */
  public void reset() {
    backwards = 0;
    rows = 0;
  }

  private void scale(double factor) {
    if (factor == 1) {
      return;
    }
    for (FlatGroup group : parameters.groups()) {
      group.gradient().multiply(factor);
    }
  }
}
