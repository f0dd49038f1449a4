package io.fabric4j.spark.internal.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A line per rank: where it ran and what it measured. */
final class RankTable {
  /** Beyond so many peers the fastest and the slowest are shown. */
  private static final int MAX_PEERS = 8;

  private RankTable() {}

  /** Returns the lines, headings first. */
  static List<String> of(List<RankFacts> ranks) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("rank", "host", "device", "all-reduce", "memory", "/dev/shm", "GB/s to rank"));
    for (RankFacts rank : ranks) {
      long shared = rank.memory().shared();
      rows.add(
          List.of(
              Integer.toString(rank.rank()),
              rank.host(),
              rank.device(),
              rank.sum() ? "right" : "WRONG",
              Bytes.text(rank.memory().available()),
              shared < 0 ? "none" : Bytes.text(shared),
              peers(rank.gigabytesPerSecond())));
    }
    return align(rows);
  }

  private static String peers(Map<Integer, Double> speeds) {
    List<String> each =
        speeds.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(peer -> String.format(Locale.ROOT, "%d: %.2f", peer.getKey(), peer.getValue()))
            .toList();
    if (each.isEmpty()) {
      return "-";
    }
    if (each.size() <= MAX_PEERS) {
      return String.join(", ", each);
    }
    return speeds.values().stream()
        .collect(
            Collectors.collectingAndThen(
                Collectors.summarizingDouble(Double::doubleValue),
                all ->
                    String.format(
                        Locale.ROOT,
                        "%.2f to %.2f (%d peers)",
                        all.getMin(),
                        all.getMax(),
                        all.getCount())));
  }

  private static List<String> align(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
