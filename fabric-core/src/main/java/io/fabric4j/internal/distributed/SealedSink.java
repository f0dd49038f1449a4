package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * Encrypts what is written. Bytes count as taken once their whole record has gone to the
 * connection, so nothing is left to flush.
 */
final class SealedSink implements ByteSink {
  private final WritableByteChannel channel;
  private final RecordCipher cipher;
  private final ByteBuffer clear = ByteBuffer.allocate(RecordCipher.MAX_CLEAR_BYTES);
  private final ByteBuffer record = ByteBuffer.allocate(RecordCipher.MAX_RECORD_BYTES).limit(0);

  SealedSink(WritableByteChannel channel, byte[] key) {
    this(channel, new RecordCipher(Cipher.ENCRYPT_MODE, key, RecordCipher.RECORDS_PER_KEY));
  }

  SealedSink(WritableByteChannel channel, RecordCipher cipher) {
    this.channel = channel;
    this.cipher = cipher;
  }

  @Override
  public long write(ByteBuffer... parts) throws IOException {
    if (!record.hasRemaining() && !seal(parts)) {
      return 0;
    }
    channel.write(record);
    if (record.hasRemaining()) {
      return 0;
    }
    skip(parts, clear.limit());
    return clear.limit();
  }

  private boolean seal(ByteBuffer[] parts) throws IOException {
    clear.clear();
    for (ByteBuffer part : parts) {
      int count = Math.min(part.remaining(), clear.remaining());
      clear.put(part.slice(part.position(), count));
    }
    if (!clear.flip().hasRemaining()) {
      return false;
    }
    record.clear().putInt(clear.remaining());
    try {
      cipher.process(clear, record);
    } catch (GeneralSecurityException e) {
      throw new IOException("Cannot encrypt: " + e, e);
    }
    record.flip();
    return true;
  }

  private static void skip(ByteBuffer[] parts, int bytes) {
    int left = bytes;
    for (ByteBuffer part : parts) {
      int count = Math.min(part.remaining(), left);
      part.position(part.position() + count);
      left -= count;
    }
  }
}
