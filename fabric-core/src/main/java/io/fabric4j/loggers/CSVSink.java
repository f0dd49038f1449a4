package io.fabric4j.loggers;

import io.fabric4j.internal.loggers.BatchSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code metrics.csv} of one logger: a local file that grows, elsewhere a copy of a
 * temporary one, replaced as a whole. New columns change the whole file, and object stores cannot
 * append.
 */
final class CSVSink implements BatchSink<Map<String, String>> {
  private static final Logger LOGGER = LoggerFactory.getLogger(CSVSink.class);
  private static final String NAME = "metrics.csv";
  private static final int SHARE_OF_PAUSE = 100;

  private final LogDirectory directory;
  private final boolean keepsRows;
  private CSVTable table;
  private String copy;
  private Path spool;
  private int inTable;

  /**
   * @param keepsRows whether rows that are there stay
   */
  CSVSink(LogDirectory directory, boolean keepsRows) {
    this.directory = directory;
    this.keepsRows = keepsRows;
  }

  @Override
  public void write(List<Map<String, String>> rows) throws IOException {
    if (table == null) {
      open();
    }
    table.write(rows.subList(inTable, rows.size()));
    inTable = rows.size(); // should the copy fail, the same rows come again
    if (copy != null) {
      directory.storage().upload(table.file(), copy);
    }
    inTable = 0;
  }

  private void open() throws IOException {
    LogStorage storage = directory.storage();
    String folder = directory.path();
    String target = LogDirectory.join(folder, NAME);
    boolean present = storage.list(folder).contains(NAME);
    Optional<Path> local = storage.local(target);
    if (local.isPresent()) {
      if (present && !keepsRows) {
        Files.delete(local.get());
      }
      table = new CSVTable(local.get());
    } else {
      Path file = spool().resolve(NAME);
      if (present && keepsRows) {
        try (InputStream in = storage.open(target)) {
          Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      table = new CSVTable(file);
      copy = target;
    }
    if (present && !keepsRows) {
      LOGGER.warn(
          "{} exists and is replaced. To keep its rows, build the logger with appending().",
          target);
    }
  }

  private Path spool() throws IOException {
    if (spool == null) {
      spool = Files.createTempDirectory("fabric-log-");
    }
    return spool;
  }

  @Override
  public Duration pause(Duration age) {
    return copy == null ? Duration.ZERO : age.dividedBy(SHARE_OF_PAUSE);
  }

  @Override
  public void close() throws IOException {
    if (spool != null) {
      Files.deleteIfExists(spool.resolve(NAME));
      Files.deleteIfExists(spool);
    }
  }
}
