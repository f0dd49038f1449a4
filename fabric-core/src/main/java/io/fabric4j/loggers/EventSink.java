package io.fabric4j.loggers;

import io.fabric4j.internal.loggers.BatchSink;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Event files of one logger: one that grows, or one for each batch if readers need closed ones. */
final class EventSink implements BatchSink<byte[]> {
  private static final int SHARE_OF_PAUSE = 100;

  private final LogStorage storage;
  private final LogDirectory.Lookup folder;
  private LogFile file;
  private int files;
  private boolean endsFiles;

  /**
   * @param folder looked up when the first batch comes
   */
  EventSink(LogStorage storage, LogDirectory.Lookup folder) {
    this.storage = storage;
    this.folder = folder;
  }

  @Override
  public void write(List<byte[]> records) throws IOException {
    try {
      if (file == null) {
        file = storage.create(LogDirectory.join(folder.get(), fileName()));
        endsFiles = !file.isReadableWhileWritten();
        file.write(EventRecord.ofFileVersion());
      }
      for (byte[] each : records) {
        file.write(each);
      }
      if (endsFiles) {
        end();
      } else {
        file.flush();
      }
    } catch (IOException | RuntimeException e) {
      giveUp(e);
      throw e;
    }
  }

  private void end() throws IOException {
    LogFile ended = file;
    file = null;
    ended.close();
  }

  /**
   * The next batch goes to a new file: that of a stream that failed may end in part of a record.
   */
  private void giveUp(Exception failure) {
    try {
      close();
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** TensorBoard reads the files of a folder in the order of their names. */
  private String fileName() {
    return String.format(
        "events.out.tfevents.%010d.%s.%d.%06d.%s",
        System.currentTimeMillis() / 1000,
        hostName(),
        ProcessHandle.current().pid(),
        files++,
        UUID.randomUUID());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  @Override
  public Duration pause(Duration age) {
    return endsFiles ? age.dividedBy(SHARE_OF_PAUSE) : Duration.ZERO;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      end();
    }
  }
}
