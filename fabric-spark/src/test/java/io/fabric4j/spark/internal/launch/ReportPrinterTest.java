package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportPrinterTest {
  private final List<String> printed = new ArrayList<>();
  private final ReportPrinter printer = new ReportPrinter(printed::add);
  private RankReport report = RankReport.start(0, 0);

  @Test
  void printsEachLineOnce() {
    print("a");
    print("b");
    printer.accept(report);
    printer.accept(report);
    print("c");
    printer.accept(report);

    assertThat(printed).containsExactly("a", "b", "c");
  }

  @Test
  void startsAnewWithAnotherAttempt() {
    print("a");
    RankReport first = report;
    printer.accept(first);
    report = RankReport.start(1, 0);
    print("a again");
    printer.accept(report);
    printer.accept(first);

    assertThat(printed).containsExactly("a", "a again");
  }

  @Test
  void tellsHowManyLinesDidNotFit() {
    for (int i = 0; i < RankReport.MAX_LINES + 3; i++) {
      print("line " + i);
    }
    printer.accept(report);

    assertThat(printed)
        .hasSize(RankReport.MAX_LINES + 1)
        .startsWith("... 3 lines were printed too fast ...", "line 3")
        .endsWith("line " + (RankReport.MAX_LINES + 2));
  }

  private void print(String line) {
    report = report.withLine(line);
  }
}
