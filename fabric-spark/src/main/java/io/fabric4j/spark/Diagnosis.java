package io.fabric4j.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@link FabricDoctor} found.
 *
 * @param subject the cluster and the number of ranks
 * @param verdicts one per check, in the order of the checks
 * @param ranks a table with a line per rank, headings first; empty if no rank ran
 */
public record Diagnosis(String subject, List<Verdict> verdicts, List<String> ranks) {
  private static final int WIDTH = 100;
  private static final String MARGIN = " ".repeat(26);

  public Diagnosis {
    verdicts = List.copyOf(verdicts);
    ranks = List.copyOf(ranks);
  }

  /** Returns whether no check failed. */
  public boolean isHealthy() {
    return verdicts.stream().noneMatch(Verdict::isFailure);
  }

  /**
   * Returns the text that {@link FabricDoctor#main} prints: a line per check, table, conclusion.
   */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>(List.of("Fabric doctor: " + subject, ""));
    verdicts.forEach(verdict -> addTo(lines, verdict));
    if (!ranks.isEmpty()) {
      lines.add("");
      lines.addAll(ranks);
    }
    lines.add("");
    lines.add(conclusion());
    return String.join(System.lineSeparator(), lines);
  }

  private static void addTo(List<String> lines, Verdict verdict) {
    String status = verdict.status().name().toLowerCase(Locale.ROOT);
    String head = String.format(Locale.ROOT, "%-8s %-17s", status, verdict.check());
    lines.addAll(wrap(head, verdict.finding()));
    if (!verdict.remedy().isEmpty()) {
      lines.addAll(wrap(MARGIN.stripTrailing(), "-> " + verdict.remedy()));
    }
  }

  private static List<String> wrap(String head, String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(head).append(MARGIN.substring(head.length()));
    boolean empty = true;
    for (String word : text.strip().split("\\s+", -1)) {
      if (!empty && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(MARGIN);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    lines.add(line.toString());
    return lines;
  }

  private String conclusion() {
    long failed = verdicts.stream().filter(Verdict::isFailure).count();
    return failed == 0
        ? "Healthy: training can start."
        : "Not healthy: " + failed + (failed == 1 ? " check failed." : " checks failed.");
  }
}
