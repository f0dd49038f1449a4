package io.fabric4j.spark.internal.launch;

import java.util.function.Consumer;

/** Prints the lines of rank 0's reports, each once. Belongs to the driver. */
final class ReportPrinter {
  private final Consumer<String> out;
  private int attempt;
  private long printed;

  ReportPrinter(Consumer<String> out) {
    this.out = out;
  }

  synchronized void accept(RankReport report) {
    if (report.attempt() < attempt) {
      return;
    }
    if (report.attempt() > attempt) {
      attempt = report.attempt();
      printed = 0;
    }
    Tail<String> lines = report.lines();
    if (lines.first() > printed) {
      out.accept("... " + (lines.first() - printed) + " lines were printed too fast ...");
      printed = lines.first();
    }
    int next = (int) (printed - lines.first());
    while (next < lines.items().size()) {
      out.accept(lines.items().get(next++));
      printed++;
    }
  }
}
