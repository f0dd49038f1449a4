package io.fabric4j.internal.distributed;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * What precedes each payload.
 *
 * @param type the kind of frame
 * @param length bytes of payload
 * @param call what the sender called; meaningful for {@link FrameType#DATA}
 */
record FrameHeader(FrameType type, int length, Call call) {
  static final int BYTES = 32;
  static final int MAX_CONTROL_BYTES = 16 << 10;

  private static final Call NO_CALL = Call.plain(0, Operation.JOIN, Call.NO_ROOT);

  /** Returns the header of a frame that is not part of a call. */
  static FrameHeader control(FrameType type, int length) {
    return new FrameHeader(type, length, NO_CALL);
  }

  void write(ByteBuffer buffer) {
    buffer
        .putInt(type.ordinal())
        .putInt(length)
        .putLong(call.number())
        .putLong(call.code())
        .putLong(call.length());
  }

  /**
   * Reads a header.
   *
   * @param maxDataBytes what a peer may send at once
   * @throws ProtocolException if no rank of the group can have written it
   */
  static FrameHeader read(ByteBuffer buffer, int maxDataBytes) throws ProtocolException {
    int type = buffer.getInt();
    int length = buffer.getInt();
    if (type < 0 || type >= FrameType.values().length) {
      throw new ProtocolException("unknown frame type " + type);
    }
    FrameType known = FrameType.values()[type];
    int limit = known == FrameType.DATA ? maxDataBytes : MAX_CONTROL_BYTES;
    if (length < 0 || length > limit) {
      throw new ProtocolException(known + " frame of " + length + " bytes, at most " + limit);
    }
    try {
      return new FrameHeader(
          known, length, Call.of(buffer.getLong(), buffer.getLong(), buffer.getLong()));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("malformed frame header: " + e.getMessage());
    }
  }
}
