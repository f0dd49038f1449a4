package io.fabric4j.spark.internal.launch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What the driver knows of one rank. A later report replaces an earlier one.
 *
 * @param attempt stage attempt, from 0
 * @param rank the rank
 * @param phase what it is doing
 * @param rows input rows it has read
 * @param firstLine number of the first of {@code lines}, from 0
 * @param lines what the rank printed last
 */
record RankReport(int attempt, int rank, Phase phase, long rows, long firstLine, List<String> lines)
    implements Serializable {

  /** Lines that a report carries at most: it travels with every heartbeat. */
  static final int MAX_LINES = 2048;

  /** The way of a rank through a launch. */
  enum Phase {
    READING("reading its input"),
    MEETING("waiting for the other ranks"),
    RUNNING("running");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  static RankReport start(int attempt, int rank) {
    return new RankReport(attempt, rank, Phase.READING, 0, 0, List.of());
  }

  RankReport withPhase(Phase value) {
    return new RankReport(attempt, rank, value, rows, firstLine, lines);
  }

  RankReport withRows(long value) {
    return new RankReport(attempt, rank, phase, value, firstLine, lines);
  }

  RankReport withLine(String line) {
    int dropped = lines.size() < MAX_LINES ? 0 : 1;
    List<String> changed = new ArrayList<>(lines.subList(dropped, lines.size()));
    changed.add(line);
    return new RankReport(attempt, rank, phase, rows, firstLine + dropped, changed);
  }

  /** Shown in Spark's UI. */
  @Override
  public String toString() {
    return "rank " + rank + " " + (lines.isEmpty() ? phase : lines.get(lines.size() - 1));
  }
}
