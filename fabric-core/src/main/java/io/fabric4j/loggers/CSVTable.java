package io.fabric4j.loggers;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file {@code metrics.csv}. */
final class CSVTable {
  private static final Logger LOGGER = LoggerFactory.getLogger(CSVTable.class);

  private final Path file;
  private TreeSet<String> columns = new TreeSet<>();
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
    TreeSet<String> all = new TreeSet<>(columns);
    pending.forEach(row -> all.addAll(row.keySet()));
    try {
      if (all.size() > columns.size()) {
        rewrite(all);
        columns = all;
      }
      try (Writer writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND)) {
        for (Map<String, String> row : pending) {
          writer.write(line(columns, row));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write metrics to " + file, e);
    }
    pending.clear();
  }

  /** Replaces the file by one with all columns, a row at a time: a long run has many. */
  private void rewrite(Collection<String> columns) throws IOException {
    Path next = file.resolveSibling("metrics.csv.tmp");
    try (Writer writer = Files.newBufferedWriter(next)) {
      writer.write(CSVFormat.line(columns));
      if (Files.exists(file)) {
        copyRows(columns, writer);
      }
    }
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private void copyRows(Collection<String> columns, Writer writer) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      List<String> names = CSVFormat.read(reader);
      for (List<String> cells = CSVFormat.read(reader);
          !cells.isEmpty();
          cells = CSVFormat.read(reader)) {
        Map<String, String> row = new HashMap<>();
        for (int i = 0; i < Math.min(names.size(), cells.size()); i++) {
          row.put(names.get(i), cells.get(i));
        }
        writer.write(line(columns, row));
      }
    }
  }

  private static String line(Collection<String> columns, Map<String, String> row) {
    return CSVFormat.line(columns.stream().map(name -> row.getOrDefault(name, "")).toList());
  }
}
