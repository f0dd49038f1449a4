package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.FabricException;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowSinkTest {
  @TempDir private Path folder;

  @BeforeEach
  void load() {
    TorchLibrary.load();
  }

  /** In memory, spilled from the first row, spilled later, rows larger than the file's buffer. */
  @ParameterizedTest
  @CsvSource({
    "12, 50000, 1000000",
    "12, 50000, 0",
    "12, 50000, 100000",
    "12, 1, 5",
    "1, 300000, 70000",
    "1500000, 5, 4000000"
  })
  void givesBackWhatItGot(int rowBytes, int rows, long bytes) throws IOException {
    MemoryBudget budget = new MemoryBudget(bytes);
    try (RowBlock block = fill(rowBytes, rows, budget)) {
      assertThat(folder).isEmptyDirectory();
      long[] order = LongStream.range(0, rows).map(i -> (i * 7919 + 3) % rows).toArray();
      try (FlatTensor target = FlatTensor.empty(DataType.UINT8, 2L * rows)) {
        block.copy(
            order,
            new RowBlock.Piece(0, 1, target.address()),
            new RowBlock.Piece(rowBytes - 1, 1, target.address() + rows));
        ByteBuffer copied = target.bytes(0, 2 * rows);
        for (int i = 0; i < rows; i++) {
          assertThat(copied.get(i)).isEqualTo((byte) order[i]);
          assertThat(copied.get(rows + i)).isEqualTo(last(rowBytes, (int) order[i]));
        }
      }
    }
    assertThat(budget.take(bytes)).isTrue();
  }

  private RowBlock fill(int rowBytes, int rows, MemoryBudget budget) {
    try (RowSink sink = new RowSink(rowBytes, new RowStorage(budget, List.of(folder)))) {
      byte[] row = new byte[rowBytes + 3];
      for (int i = 0; i < rows; i++) {
        row[rowBytes - 1] = last(rowBytes, i);
        row[0] = (byte) i;
        sink.append(row);
      }
      return sink.finish();
    }
  }

  private static byte last(int rowBytes, int row) {
    return rowBytes == 1 ? (byte) row : (byte) (row >> 8);
  }

  @Test
  void staysWithinTheBudgetTogetherWithOthers() {
    MemoryBudget budget = new MemoryBudget(1 << 20);
    try (RowBlock first = fill(64, 10_000, budget)) {
      assertThat(openSpills()).isZero();
      try (RowBlock second = fill(64, 1000, budget)) {
        assertThat(openSpills()).isEqualTo(1);
        assertThat(first).isNotSameAs(second);
      }
    }
    assertThat(openSpills()).isZero();
  }

  /** Mapped files of the folder, which have no name any more. */
  private long openSpills() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains(folder + "/fabric-rows-")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rejectsRowsThatDoNotExist() {
    try (RowBlock block = fill(4, 3, new MemoryBudget(1000))) {
      assertThatThrownBy(() -> block.copy(new long[] {3}))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("Row 3 of 3");
    }
  }

  @Test
  void rejectsReadingAfterTheEnd() {
    RowBlock block = fill(4, 3, new MemoryBudget(1000));
    block.close();

    assertThatThrownBy(() -> block.copy(new long[] {0}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The rows of this launch have been freed: use shards only during the call.");
  }

  @Test
  void refusesToWriteWhatSparkWouldEncrypt() {
    try (RowSink sink = new RowSink(4, new RowStorage(new MemoryBudget(0), List.of()))) {
      assertThatThrownBy(() -> sink.append(new byte[4]))
          .isInstanceOf(FabricException.class)
          .hasMessage(
              "The rows exceed spark.fabric.data.memory-budget, but may not go to a file: it would"
                  + " be in clear text, and spark.io.encryption.enabled is on. Raise the budget,"
                  + " use more ranks, or set spark.fabric.allow-clear-text=true.");
    }
  }

  @Test
  void namesTheFolderIfItCannotSpill() {
    Path missing = folder.resolve("missing");
    try (RowSink sink = new RowSink(4, new RowStorage(new MemoryBudget(0), List.of(missing)))) {
      assertThatThrownBy(() -> sink.append(new byte[4]))
          .isInstanceOf(FabricException.class)
          .hasMessageStartingWith(
              "Cannot create a file in "
                  + missing
                  + ", which takes the rows that exceed spark.fabric.data.memory-budget (0 bytes so"
                  + " far, 0 free): ")
          .hasMessageEndingWith(
              ". Use a folder with more space (spark.local.dir), more ranks, or a larger budget.");
    }
  }
}
