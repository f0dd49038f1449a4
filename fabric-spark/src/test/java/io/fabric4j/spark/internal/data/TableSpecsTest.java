package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.Fabric;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableSpecsTest {
  private static final ColumnSpec X3 = ColumnSpec.of("x", DataType.FLOAT32, 3);
  private static final ColumnSpec X4 = ColumnSpec.of("x", DataType.FLOAT32, 4);

  @Test
  void tellsRanksWithoutRowsTheColumns() {
    assertThat(agree(List.of(List.of(), List.of(X3), List.of())).columns()).containsExactly("x");
  }

  @Test
  void knowsNoColumnsIfNoRankHasRows() {
    assertThat(agree(List.of(List.of(), List.of())).columns()).isEmpty();
  }

  @Test
  void rejectsColumnsThatDifferBetweenRanks() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> agree(List.of(List.of(), List.of(X3), List.of(X4))))
        .withMessage(
            "The columns of input 'train' differ between ranks: [x float32 (3)] on rank 1 and"
                + " [x float32 (4)] on rank 2. All rows of a column have one type and length; cast,"
                + " pad or cut them first.");
  }

  /** Returns rank 0's table. */
  private static Table agree(List<List<ColumnSpec>> specsOfRanks) {
    try (Fabric fabric = Fabric.builder().devices(specsOfRanks.size()).build()) {
      return fabric.launch(
          rank -> {
            List<ColumnSpec> specs = specsOfRanks.get(rank.globalRank());
            Table table = Table.empty("train", specs);
            return TableSpecs.agree(List.of(table), rank.processGroup()).get("train");
          });
    }
  }
}
