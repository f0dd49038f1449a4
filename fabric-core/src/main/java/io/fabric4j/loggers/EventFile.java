package io.fabric4j.loggers;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A TensorBoard event file: records of length, masked CRC32C of the length, data, masked CRC32C of
 * the data, where the data is an {@code Event} message of TensorBoard's event.proto.
 */
final class EventFile implements AutoCloseable {
  private static final int CRC_MASK_DELTA = 0xa282ead8;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;

  private final Path file;
  private final OutputStream out;

  EventFile(Path directory) {
    file = directory.resolve(fileName());
    try {
      Files.createDirectories(directory);
      out = new BufferedOutputStream(Files.newOutputStream(file));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create the event file " + file, e);
    }
    write(event().string(EVENT_FILE_VERSION, "brain.Event:2"));
    flush();
  }

  private static String fileName() {
    return String.format(
        "events.out.tfevents.%010d.%s.%d.%s",
        System.currentTimeMillis() / 1000,
        hostName(),
        ProcessHandle.current().pid(),
        UUID.randomUUID());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  private static ProtobufWriter event() {
    return new ProtobufWriter().fixed64(1, System.currentTimeMillis() / 1000.0);
  }

  void writeSummary(ProtobufWriter summary, long step) {
    write(event().varint(EVENT_STEP, step).message(EVENT_SUMMARY, summary));
  }

  private void write(ProtobufWriter event) {
    byte[] data = event.toByteArray();
    byte[] length = little(Long.BYTES).putLong(data.length).array();
    try {
      out.write(length);
      out.write(maskedCrc(length));
      out.write(data);
      out.write(maskedCrc(data));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to the event file " + file, e);
    }
  }

  private static byte[] maskedCrc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK_DELTA;
    return little(Integer.BYTES).putInt(masked).array();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to the event file " + file, e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close the event file " + file, e);
    }
  }
}
