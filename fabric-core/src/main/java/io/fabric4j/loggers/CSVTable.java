package io.fabric4j.loggers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file {@code metrics.csv}, in the dialect of Python's csv module. */
final class CSVTable {
  private static final Logger LOGGER = LoggerFactory.getLogger(CSVTable.class);
  private static final String NEWLINE = "\r\n";

  private final Path file;
  private final TreeSet<String> columns = new TreeSet<>();
  private final List<Map<String, String>> written = new ArrayList<>();
  private final List<Map<String, String>> pending = new ArrayList<>();

  CSVTable(Path directory) {
    file = directory.resolve("metrics.csv");
    try {
      if (Files.isDirectory(directory) && !isEmpty(directory)) {
        LOGGER.warn(
            "Experiment logs directory {} exists and is not empty. Its metrics.csv is replaced by"
                + " the new one.",
            directory);
        Files.deleteIfExists(file);
      }
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot prepare the log directory " + directory, e);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  void add(Map<String, String> row) {
    pending.add(row);
  }

  void save() {
    if (pending.isEmpty()) {
      return;
    }
    boolean newColumns = false;
    for (Map<String, String> row : pending) {
      newColumns |= columns.addAll(row.keySet());
    }
    written.addAll(pending);
    try {
      if (newColumns) {
        Files.writeString(file, line(columns) + lines(written));
      } else {
        Files.writeString(file, lines(pending), StandardOpenOption.APPEND);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write metrics to " + file, e);
    }
    pending.clear();
  }

  private String lines(List<Map<String, String>> rows) {
    return rows.stream()
        .map(row -> line(columns.stream().map(column -> row.getOrDefault(column, "")).toList()))
        .collect(Collectors.joining());
  }

  private static String line(Collection<String> cells) {
    return cells.stream().map(CSVTable::quote).collect(Collectors.joining(",")) + NEWLINE;
  }

  private static String quote(String cell) {
    boolean special = cell.chars().anyMatch(character -> ",\"\r\n".indexOf(character) >= 0);
    return special ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
