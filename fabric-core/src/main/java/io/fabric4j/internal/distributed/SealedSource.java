package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * Decrypts what arrives, a whole record at a time: no byte is passed on before its tag is checked.
 */
final class SealedSource implements ByteSource {
  private final ReadableByteChannel channel;
  private final RecordCipher cipher;
  private final ByteBuffer record =
      ByteBuffer.allocate(RecordCipher.MAX_RECORD_BYTES).limit(RecordCipher.HEADER_BYTES);
  private final ByteBuffer clear = ByteBuffer.allocate(RecordCipher.MAX_CLEAR_BYTES).limit(0);

  SealedSource(ReadableByteChannel channel, byte[] key) {
    this(channel, new RecordCipher(Cipher.DECRYPT_MODE, key, RecordCipher.RECORDS_PER_KEY));
  }

  SealedSource(ReadableByteChannel channel, RecordCipher cipher) {
    this.channel = channel;
    this.cipher = cipher;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    while (!clear.hasRemaining()) {
      if (channel.read(record) < 0) {
        return -1;
      }
      if (record.hasRemaining()) {
        return 0;
      }
      if (record.limit() == RecordCipher.HEADER_BYTES) {
        record.limit(RecordCipher.HEADER_BYTES + bodyBytes(record.getInt(0)));
      } else {
        open();
      }
    }
    int count = Math.min(target.remaining(), clear.remaining());
    target.put(clear.slice(clear.position(), count));
    clear.position(clear.position() + count);
    return count;
  }

  private static int bodyBytes(int clearBytes) throws ProtocolException {
    if (clearBytes <= 0 || clearBytes > RecordCipher.MAX_CLEAR_BYTES) {
      throw new ProtocolException("an encrypted record of " + clearBytes + " bytes");
    }
    return clearBytes + RecordCipher.TAG_BYTES;
  }

  private void open() throws ProtocolException {
    try {
      cipher.process(record.position(RecordCipher.HEADER_BYTES), clear.clear());
    } catch (GeneralSecurityException e) {
      throw new ProtocolException("an encrypted record that was changed on the way (" + e + ")");
    }
    clear.flip();
    record.clear().limit(RecordCipher.HEADER_BYTES);
  }
}
