package io.fabric4j.loggers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** A local file of rows; a write that fails leaves it as it was. */
final class CSVTable {
  private final Path file;
  private final TreeSet<String> columns = new TreeSet<>();

  /**
   * @param file may hold rows already
   */
  CSVTable(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.getParent());
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        columns.addAll(CSVFormat.read(reader));
      }
    }
  }

  Path file() {
    return file;
  }

  void write(List<Map<String, String>> rows) throws IOException {
    TreeSet<String> all = new TreeSet<>(columns);
    rows.forEach(row -> all.addAll(row.keySet()));
    if (all.size() > columns.size()) {
      rewrite(all);
      columns.addAll(all);
    }
    StringBuilder lines = new StringBuilder();
    rows.forEach(row -> lines.append(line(columns, row)));
    append(lines.toString());
  }

  private void append(String lines) throws IOException {
    long length = Files.size(file);
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      out.write(lines.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      truncate(length, e);
      throw e;
    }
  }

  private void truncate(long length, IOException failure) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Replaces the file by one with all columns, a row at a time: a long run has many. */
  private void rewrite(Collection<String> columns) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".tmp");
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
