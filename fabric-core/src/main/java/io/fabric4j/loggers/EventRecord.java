package io.fabric4j.loggers;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Records of a TensorBoard event file: length, masked CRC32C of the length, data, masked CRC32C of
 * the data, where the data is an {@code Event} message of TensorBoard's event.proto.
 */
final class EventRecord {
  private static final int CRC_MASK_DELTA = 0xa282ead8;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;

  private EventRecord() {}

  /** Returns the first record of a file. */
  static byte[] ofFileVersion() {
    return record(event().string(EVENT_FILE_VERSION, "brain.Event:2"));
  }

  static byte[] ofSummary(ProtobufWriter summary, long step) {
    return record(event().varint(EVENT_STEP, step).message(EVENT_SUMMARY, summary));
  }

  private static ProtobufWriter event() {
    return new ProtobufWriter().fixed64(1, System.currentTimeMillis() / 1000.0);
  }

  private static byte[] record(ProtobufWriter event) {
    byte[] data = event.toByteArray();
    byte[] length = little(Long.BYTES).putLong(data.length).array();
    return little(Long.BYTES + data.length + 2 * Integer.BYTES)
        .put(length)
        .putInt(maskedCrc(length))
        .put(data)
        .putInt(maskedCrc(data))
        .array();
  }

  private static int maskedCrc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK_DELTA;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
