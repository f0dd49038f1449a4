package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricPrinter;

/** Prints the lines of rank 0's reports, each once. Belongs to the driver. */
final class ReportPrinter {
  private final FabricPrinter out;
  private int attempt;
  private long printed;

  ReportPrinter(FabricPrinter out) {
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
    if (report.firstLine() > printed) {
      out.print("... " + (report.firstLine() - printed) + " lines were printed too fast ...");
      printed = report.firstLine();
    }
    int next = (int) (printed - report.firstLine());
    while (next < report.lines().size()) {
      out.print(report.lines().get(next++));
      printed++;
    }
  }
}
