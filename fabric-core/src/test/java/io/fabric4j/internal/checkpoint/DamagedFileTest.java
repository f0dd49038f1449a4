package io.fabric4j.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DamagedFileTest {
  private static final String START = "Cannot read checkpoint " + MemoryCheckpointIO.PATH + ": ";
  private static final String END =
      ". The file is damaged, incomplete or no checkpoint (or it was replaced while it was read);"
          + " load another one.";

  /** Type, shape and offsets of each tensor (a, b, ...) of a file with 8 bytes of data. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          F32 [-2] [0,8] | tensor 'a' has a negative size in its shape
          F32 [3]  [0,8] | tensor 'a' has 8 bytes, but its type and shape take 12
          U8 [4294967296,4294967296] [0,8] | tensor 'a' has a shape of more bytes than fit a \
          64-bit number
          U8  [9]  [0,9]   | tensor 'a' ends at byte 9, but the file has 8 bytes of data
          U8  [8]  [8,0]   | tensor 'a' has data_offsets that are not a begin and an end
          U8  [8]  [-8,0]  | tensor 'a' has data_offsets that are not a begin and an end
          U8  [8]  [0,8,8] | tensor 'a' has data_offsets that are not a begin and an end
          U8  [4]  [4,8]   | tensor 'a' begins at byte 4 of the data, where 0 is expected
          U8 [5] [0,5];U8 [4] [4,8] | tensor 'b' begins at byte 4 of the data, where 5 is expected
          U8 [3] [0,3];U8 [4] [4,8] | tensor 'b' begins at byte 4 of the data, where 3 is expected
          U8  [7]  [0,7]   | its tensors take 7 bytes, but 8 follow the header
          """)
  void rejectsInconsistentTensors(String tensors, String what) {
    StringBuilder header = new StringBuilder("{");
    char name = 'a';
    for (String tensor : tensors.split(";")) {
      String[] fields = tensor.split(" +");
      header.append(header.length() > 1 ? "," : "");
      header.append(
          "'%s':{'dtype':'%s','shape':%s,'data_offsets':%s}"
              .formatted(name++, fields[0], fields[1], fields[2]));
    }
    assertDamaged(header + "}", what);
  }

  @Test
  void rejectsUnknownDataTypes() {
    assertDamaged(
        "{'a':{'dtype':'X9','shape':[8],'data_offsets':[0,8]}}",
        "tensor 'a' has the data type 'X9', where one of BF16, BOOL, F16, F32, F64, I16, I32, I64,"
            + " I8, U8 is expected");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                    | its tensors take 0 bytes, but 8 follow the header
          {'__metadata__':{},'__metadata__':{}} | '__metadata__' appears twice in its header
          {'__metadata__':{'k':'1','k':'2'}}    | its metadata hold the key 'k' twice
          {'a':{'dtype':'U8','shape':[8]}}      | tensor 'a' lacks dtype, shape or data_offsets
          {'a':{'stride':[1]}}       | tensor 'a' has an unknown or repeated field 'stride'
          {'a':{'shape':[],'shape':[]}} | tensor 'a' has an unknown or repeated field 'shape'
          """)
  void rejectsInconsistentHeaders(String header, String what) {
    assertDamaged(header, what);
  }

  @Test
  void rejectsRepeatedTensors() {
    assertDamaged(
        "{'a':{'dtype':'U8','shape':[8],'data_offsets':[0,8]},'a':{}}",
        "'a' appears twice in its header");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{'a'",
        "{'a':1}",
        "{'a':{'dtype':3}}",
        "{'a':{'shape':[1.5]}}",
        "{'a':{'shape':['1']}}",
        "{'a':{'shape':[99999999999999999999]}}",
        "{'a':{'shape':{}}}",
        "{'__metadata__':{'k':1}}",
        "{'__metadata__':{'k':null}}",
        "{'__metadata__':'x'}",
        "{} x",
        "{'a':[[[[[[[[[[[[[[[[[[",
        "\ufffe\u0000"
      })
  void rejectsWhatIsNoHeader(String header) {
    assertThatThrownBy(() -> SampleFiles.open(file(header, 8)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(START + "its header is not the JSON of a safetensors file (")
        .hasMessageEndingWith(")" + END)
        .hasMessageNotContaining("\n");
  }

  @Test
  void rejectsInvalidUtf8() {
    byte[] file = file("{'a':{}}", 0);
    file[10] = (byte) 0xff;
    assertThatThrownBy(() -> SampleFiles.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "its header is not the JSON of a safetensors file (Input length = 1)");
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 18446744073709551615",
    "-9223372036854775808, 9223372036854775808",
    "100000001, 100000001",
    "9, 9",
    "9223372036854775807, 9223372036854775807"
  })
  void rejectsImpossibleHeaderLengths(long length, String shown) {
    byte[] file = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    assertThatThrownBy(() -> SampleFiles.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            START
                + "it announces a header of %s bytes, where at most 8 are possible".formatted(shown)
                + END);
  }

  @Test
  void limitsTheHeaderOfHugeFiles() {
    byte[] start =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001).array();
    assertThatThrownBy(
            () ->
                new SafetensorsReader(
                    new MemoryCheckpointIO(start, 1L << 40), MemoryCheckpointIO.PATH))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("header of 100000001 bytes, where at most 100000000 are possible");
  }

  @Test
  void rejectsFilesWithoutRoomForAHeader() {
    assertThatThrownBy(() -> SampleFiles.open(new byte[5]))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(START + "it has 5 bytes, too few for a header" + END);
  }

  @Test
  void rejectsFilesShorterThanTheirStoredLength() throws IOException {
    byte[] file = SampleFiles.valid();
    byte[] cut = Arrays.copyOf(file, file.length - 10);
    try (SafetensorsReader reader =
        new SafetensorsReader(new MemoryCheckpointIO(cut, file.length), MemoryCheckpointIO.PATH)) {
      assertThatThrownBy(reader::verify)
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              START + "it ends before byte %d of %d".formatted(file.length - 9, file.length) + END);
    }
  }

  @Test
  void rejectsDataThatChanged() throws IOException {
    byte[] file = SampleFiles.valid();
    file[file.length - 1] ^= 1;
    try (SafetensorsReader reader = SampleFiles.open(file)) {
      assertThatThrownBy(reader::verify)
          .isInstanceOf(CheckpointException.class)
          .hasMessageMatching(
              "Cannot read checkpoint .*: tensor 'rng' has the CRC-32C [0-9a-f]{8}, but [0-9a-f]{8}"
                  + " was stored\\. .*");
    }
  }

  @Test
  void rejectsMetadataThatChanged() throws IOException {
    String text = new String(SampleFiles.valid(), StandardCharsets.ISO_8859_1);
    byte[] file = text.replace("\"100\"", "\"900\"").getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> SampleFiles.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("its header has the CRC-32C");
  }

  @Test
  void rejectsChecksumsOfOtherTensors() throws IOException {
    String text = new String(SampleFiles.valid(), StandardCharsets.ISO_8859_1);
    byte[] file = text.replace("\\\"rng\\\"", "\\\"rnx\\\"").getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> SampleFiles.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(START + "its checksums are not those of its tensors" + END);
    assertThatThrownBy(() -> SampleFiles.open(file("{'__metadata__':{'crc32c':'[]'}}", 0)))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(START + "its checksums cannot be parsed" + END);
    assertThatThrownBy(() -> SampleFiles.open(file("{'__metadata__':{'crc32c':'{}'}}", 0)))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(START + "its header has the CRC-32C 00000000, but none was stored" + END);
  }

  @Test
  void shortensNamesInMessages() {
    assertThatThrownBy(() -> SampleFiles.open(file("{'" + "a".repeat(5000) + "\\u0007':{}}", 0)))
        .hasMessage(
            START + "tensor '" + "a".repeat(100) + "...' lacks dtype, shape or data_offsets" + END);
  }

  private static void assertDamaged(String header, String what) {
    assertThatThrownBy(() -> SampleFiles.open(file(header, 8)))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(START + what + END);
  }

  private static byte[] file(String header, int dataLength) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataLength)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }
}
