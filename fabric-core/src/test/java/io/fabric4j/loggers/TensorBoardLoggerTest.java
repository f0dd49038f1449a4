package io.fabric4j.loggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardLoggerTest {
  @TempDir private Path root;

  @Test
  void writesScalars() throws IOException {
    TensorBoardLogger logger = builder().prefix("run").subDir("sub").build();
    logger.logMetrics(Map.of("loss", 0.5), 300);
    logger.logMetrics(Map.of("group", Map.of("a", 2)), 301);
    logger.close();
    List<ByteBuffer> events = events(logger);
    assertThat(text(field(events.get(0), 3))).isEqualTo("brain.Event:2");
    assertScalar(events.get(1), "run-loss", 0.5f, 300);
    assertScalar(events.get(2), "run-group/a", 2, 301);
    assertThat(events).hasSize(3);
    double time = ((ByteBuffer) fields(events.get(1)).get(1).get(0)).getDouble();
    assertThat(time).isBetween(1.7e9, 1e11);
  }

  @Test
  void writesHyperparameters() throws IOException {
    TensorBoardLogger logger = builder().build();
    Map<String, Object> nested = new LinkedHashMap<>();
    nested.put("rate", 0.1);
    nested.put("path", Path.of("x"));
    logger.logHyperparams(Map.of("model", nested));
    logger.close();
    List<ByteBuffer> events = events(logger);
    assertScalar(events.get(1), "hp_metric", -1, 0);
    ByteBuffer experiment = field(hparams(events.get(2), "_hparams_/experiment"), 2);
    List<Object> infos = fields(experiment).get(4);
    assertThat(infos.stream().map(info -> text(field((ByteBuffer) info, 1))))
        .containsExactly("model/rate", "model/path");
    assertThat(infos.stream().map(info -> fields((ByteBuffer) info).get(4).get(0)))
        .containsExactly(3L, 1L);
    assertThat(text(field(field(field(experiment, 5), 1), 2))).isEqualTo("hp_metric");
    ByteBuffer session = field(hparams(events.get(3), "_hparams_/session_start_info"), 3);
    ByteBuffer path = (ByteBuffer) fields(session).get(1).get(1);
    assertThat(text(field(field(path, 2), 3))).isEqualTo("x");
    ByteBuffer end = field(hparams(events.get(4), "_hparams_/session_end_info"), 4);
    assertThat(fields(end).get(1)).containsExactly(1L);
  }

  @Test
  void writesNoHyperparametersWithoutMetrics() {
    builder().withoutDefaultHpMetric().build().logHyperparams(Map.of("a", 1));
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void travelsToItsRank() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ObjectOutputStream(bytes).writeObject(builder().version(3).build());
    try (ObjectInputStream in =
            new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        TensorBoardLogger logger = (TensorBoardLogger) in.readObject()) {
      logger.logMetrics(Map.of("a", 1), 0);
      logger.save();
      assertThat(root.resolve("lightning_logs/version_3")).isNotEmptyDirectory();
    }
  }

  @Test
  void expandsTheHomeDirectoryAndVariables() {
    assertThat(LogDirectory.expand("~/x")).isEqualTo(System.getProperty("user.home") + "/x");
    assertThat(LogDirectory.expand("$PATH/${PATH}"))
        .isEqualTo(System.getenv("PATH") + "/" + System.getenv("PATH"));
    assertThat(LogDirectory.expand("$no_such_variable")).isEqualTo("$no_such_variable");
  }

  @Test
  void rejectsWhatIsNoNumber() {
    assertThatThrownBy(() -> builder().build().logMetrics(Map.of("loss", "high"), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot log loss=high: it is neither a number nor a map of numbers. Pass a number, for"
                + " example array.getFloat().");
  }

  private TensorBoardLogger.Builder builder() {
    return TensorBoardLogger.builder(root.toString());
  }

  private static void assertScalar(ByteBuffer event, String tag, float value, long step) {
    ByteBuffer scalar = field(field(event, 5), 1);
    assertThat(text(field(scalar, 1))).isEqualTo(tag);
    assertThat(field(scalar, 2).getFloat()).isEqualTo(value);
    assertThat(fields(event).get(2)).containsExactly(step);
  }

  private static ByteBuffer hparams(ByteBuffer event, String tag) {
    ByteBuffer value = field(field(event, 5), 1);
    assertThat(text(field(value, 1))).isEqualTo(tag);
    ByteBuffer plugin = field(field(value, 9), 1);
    assertThat(text(field(plugin, 1))).isEqualTo("hparams");
    return field(plugin, 2);
  }

  /** Reads the records of the only event file, checking their checksums. */
  private static List<ByteBuffer> events(TensorBoardLogger logger) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(logger.logDir()))) {
      Path file = files.toList().get(0);
      assertThat(file.getFileName().toString()).matches("events\\.out\\.tfevents\\.\\d{10}\\..+");
      ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      List<ByteBuffer> events = new ArrayList<>();
      while (in.hasRemaining()) {
        int length = (int) in.getLong(in.position());
        checked(in, Long.BYTES);
        events.add(checked(in, length));
      }
      return events;
    }
  }

  private static ByteBuffer checked(ByteBuffer in, int length) {
    ByteBuffer data = slice(in, length);
    CRC32C crc = new CRC32C();
    crc.update(data.duplicate());
    long value = crc.getValue();
    long rotated = (value >>> 15 | value << 17) & 0xFFFFFFFFL;
    assertThat(Integer.toUnsignedLong(in.getInt()))
        .isEqualTo((rotated + 0xa282ead8L) & 0xFFFFFFFFL);
    return data;
  }

  private static ByteBuffer slice(ByteBuffer in, int length) {
    ByteBuffer result = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return result;
  }

  private static Map<Integer, List<Object>> fields(ByteBuffer message) {
    ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, List<Object>> fields = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 1 -> slice(in, 8);
            case 2 -> slice(in, (int) varint(in));
            case 5 -> slice(in, 4);
            default -> throw new IllegalStateException("wire type of " + key);
          };
      fields.computeIfAbsent((int) (key >>> 3), number -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long result = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      result |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return result;
      }
    }
  }

  private static ByteBuffer field(ByteBuffer message, int number) {
    return (ByteBuffer) fields(message).get(number).get(0);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
