package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;

class SealedLinkTest {
  private static final byte[] KEY = new byte[32];

  /** A connection that takes and gives few bytes at a time. */
  private static final class NarrowChannel implements ReadableByteChannel, WritableByteChannel {
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
    private final int width;
    private int read;

    NarrowChannel(int width) {
      this.width = width;
    }

    @Override
    public int write(ByteBuffer source) {
      int count = Math.min(width, source.remaining());
      bytes.put(source.slice(source.position(), count));
      source.position(source.position() + count);
      return count;
    }

    @Override
    public int read(ByteBuffer target) {
      int count = Math.min(Math.min(width, target.remaining()), bytes.position() - read);
      target.put(bytes.array(), read, count);
      read += count;
      return count;
    }

    void flip(int index) {
      bytes.put(index, (byte) (bytes.get(index) ^ 1));
    }

    byte[] sent() {
      return Arrays.copyOf(bytes.array(), bytes.position());
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static SealedSink sink(NarrowChannel channel, long recordsPerKey) {
    return new SealedSink(channel, new RecordCipher(Cipher.ENCRYPT_MODE, KEY, recordsPerKey));
  }

  private static SealedSource source(NarrowChannel channel, long recordsPerKey) {
    return new SealedSource(channel, new RecordCipher(Cipher.DECRYPT_MODE, KEY, recordsPerKey));
  }

  private static void write(SealedSink sink, ByteBuffer... parts) throws IOException {
    while (parts[parts.length - 1].hasRemaining()) {
      sink.write(parts);
    }
  }

  private static byte[] read(SealedSource source, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    for (int idle = 0; target.hasRemaining() && idle < 100_000; idle++) {
      source.read(target);
    }
    return target.array();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void whatIsWrittenInPartsArrivesWholeOverAConnectionThatTakesFewBytes() throws IOException {
    NarrowChannel channel = new NarrowChannel(1000);
    SealedSink sink = sink(channel, 2);
    byte[] sent = random(200_000);

    write(
        sink,
        ByteBuffer.wrap(sent, 0, 7),
        ByteBuffer.wrap(sent, 7, 32),
        ByteBuffer.wrap(sent, 39, 149_961));
    write(sink, ByteBuffer.wrap(sent, 150_000, 50_000));

    assertThat(read(source(channel, 2), sent.length)).isEqualTo(sent);
  }

  @Test
  void aFullConnectionTakesNothingAndKeepsTheRecord() throws IOException {
    NarrowChannel channel = new NarrowChannel(0);
    SealedSink sink = sink(channel, 10);
    ByteBuffer message = ByteBuffer.wrap(random(10));

    assertThat(sink.write(message)).isZero();
    assertThat(sink.write(message)).isZero();
    assertThat(message.remaining()).isEqualTo(10);
    assertThat(sink.write(ByteBuffer.allocate(0))).isZero();
  }

  @Test
  void equalMessagesLookDifferentAlsoAfterTheKeyWasReplaced() throws IOException {
    NarrowChannel channel = new NarrowChannel(1000);
    SealedSink sink = sink(channel, 2);
    for (int i = 0; i < 4; i++) {
      write(sink, ByteBuffer.wrap(new byte[8]));
    }
    byte[] sent = channel.sent();
    int record = sent.length / 4;

    assertThat(record).isEqualTo(4 + 8 + 16);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(Arrays.copyOfRange(sent, i * record + 4, (i + 1) * record))
            .isNotEqualTo(Arrays.copyOfRange(sent, j * record + 4, (j + 1) * record));
      }
    }
  }

  @Test
  void noBitMayChange() throws IOException {
    for (int index : new int[] {4, 50, 103, 104, 119}) {
      NarrowChannel channel = new NarrowChannel(1000);
      write(sink(channel, 10), ByteBuffer.wrap(random(100)));
      channel.flip(index);

      assertThatThrownBy(() -> read(source(channel, 10), 100))
          .isInstanceOf(ProtocolException.class)
          .hasMessageStartingWith("an encrypted record that was changed on the way");
    }
  }

  @Test
  void noRecordMayBeRepeatedOrLeftOut() throws IOException {
    NarrowChannel once = new NarrowChannel(1000);
    SealedSink sink = sink(once, 10);
    write(sink, ByteBuffer.wrap(random(10)));
    byte[] first = once.sent();
    write(sink, ByteBuffer.wrap(random(10)));
    byte[] second = Arrays.copyOfRange(once.sent(), first.length, 2 * first.length);

    for (byte[][] order : new byte[][][] {{first, first}, {second, second}}) {
      NarrowChannel channel = new NarrowChannel(1000);
      channel.write(ByteBuffer.wrap(order[0]));
      channel.write(ByteBuffer.wrap(order[1]));
      assertThatThrownBy(() -> read(source(channel, 10), 20)).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void boundsTheLengthBeforeItReads() {
    for (int length : new int[] {0, -1, RecordCipher.MAX_CLEAR_BYTES + 1, Integer.MAX_VALUE}) {
      NarrowChannel channel = new NarrowChannel(1000);
      channel.write(ByteBuffer.allocate(4).putInt(0, length));
      assertThatThrownBy(() -> read(source(channel, 10), 1))
          .isInstanceOf(ProtocolException.class)
          .hasMessage("an encrypted record of " + length + " bytes");
    }
  }
}
