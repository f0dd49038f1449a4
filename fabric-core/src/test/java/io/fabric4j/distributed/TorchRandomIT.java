package io.fabric4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Long permutations against PyTorch's (2.7.1 and 2.13), whose CRC-32 is printed by:
 *
 * <pre>{@code
 * import torch, zlib
 *
 * for n in 214748363, 214748364:
 *     order = torch.randperm(
 *         n, generator=torch.Generator().manual_seed(42), dtype=torch.int32)
 *     print("%08x" % zlib.crc32(memoryview(order.numpy())))
 * }</pre>
 */
final class TorchRandomIT {

  @ParameterizedTest
  @CsvSource({"214748363, b58b9acc", "214748364, 117b5019"})
  void followsTorchWhereItsDrawsBecomeLonger(int length, String expected) {
    assumeThat(Runtime.getRuntime().maxMemory())
        .as("heap of 2 GiB for a permutation of 860 MB")
        .isGreaterThanOrEqualTo(2L << 30);

    assertThat(crc(new TorchRandom(42).permutation(length))).isEqualTo(expected);
  }

  private static String crc(int[] order) {
    CRC32 crc = new CRC32();
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : order) {
      chunk.putInt(value);
      if (!chunk.hasRemaining()) {
        crc.update(chunk.flip());
        chunk.clear();
      }
    }
    crc.update(chunk.flip());
    return String.format("%08x", crc.getValue());
  }
}
