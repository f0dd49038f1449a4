package io.fabric4j.loggers;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Lines in the dialect of Python's csv module. */
final class CSVFormat {
  private static final String NEWLINE = "\r\n";

  private CSVFormat() {}

  static String line(Collection<String> cells) {
    return cells.stream().map(CSVFormat::quote).collect(Collectors.joining(",")) + NEWLINE;
  }

  private static String quote(String cell) {
    boolean special = cell.chars().anyMatch(character -> ",\"\r\n".indexOf(character) >= 0);
    return special ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }

  /** Returns the cells of the next line, none at the end. */
  static List<String> read(Reader reader) throws IOException {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int before = ',', next = reader.read(); next >= 0; before = next, next = reader.read()) {
      if (next == '"') {
        if (!quoted && before == '"') {
          cell.append('"');
        }
        quoted = !quoted;
      } else if (quoted || ",\r\n".indexOf(next) < 0) {
        cell.append((char) next);
      } else if (next != '\r') {
        cells.add(cell.toString());
        cell.setLength(0);
      }
      if (next == '\n' && !quoted) {
        return cells;
      }
    }
    return cells;
  }
}
