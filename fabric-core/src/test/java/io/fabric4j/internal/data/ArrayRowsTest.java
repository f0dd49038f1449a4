package io.fabric4j.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.PaddingStackBatchifier;
import ai.djl.translate.Transform;
import io.fabric4j.internal.torch.TorchLibrary;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArrayRowsTest {
  private static final int ROWS = 20;

  private NDManager manager;

  @BeforeEach
  void openManager() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void closeManager() {
    manager.close();
  }

  private ArrayDataset.Builder builder() {
    return new ArrayDataset.Builder()
        .setData(
            manager.arange(ROWS * 6f).reshape(ROWS, 2, 3),
            manager.arange(ROWS).toType(DataType.UINT8, true))
        .optLabels(manager.arange(ROWS).toType(DataType.INT64, true))
        .setSampling(4, false);
  }

  private static List<Number> values(NDArray array) {
    return List.of(array.toArray());
  }

  private void assertEqual(NDList actual, NDList expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).getShape()).isEqualTo(expected.get(i).getShape());
      assertThat(actual.get(i).getDataType()).isEqualTo(expected.get(i).getDataType());
      assertThat(values(actual.get(i))).isEqualTo(values(expected.get(i)));
    }
  }

  @Test
  void gathersWhatDjlGathers() {
    ArrayDataset dataset = builder().build();
    List<List<Long>> indices =
        List.of(List.of(3L, 19L, 3L, 0L), List.of(4L, 5L, 6L), List.of(7L), List.of(9L, 8L));
    Iterator<Batch> batches = ArrayRows.of(dataset, manager).orElseThrow().batches(indices);

    for (List<Long> rows : indices) {
      try (Batch batch = batches.next();
          NDManager other = manager.newSubManager()) {
        Batch expected =
            dataset.getByIndices(other, rows.stream().mapToLong(Long::longValue).toArray());
        assertEqual(batch.getData(), expected.getData());
        assertEqual(batch.getLabels(), expected.getLabels());
        assertThat(batch.getSize()).isEqualTo(rows.size());
        assertThat(batch.getManager().getParentManager()).isSameAs(manager);
      }
    }
    assertThat(batches.hasNext()).isFalse();
  }

  @Test
  void closesABatchWithoutTheRows() {
    Iterator<Batch> batches =
        ArrayRows.of(builder().build(), manager)
            .orElseThrow()
            .batches(List.of(List.of(2L, 1L), List.of(1L, 2L), List.of(2L, 0L)));
    batches.next().close();
    batches.next().close();

    assertThat(batches.next().getLabels().singletonOrThrow().toLongArray()).containsExactly(2, 0);
  }

  @Test
  void leavesDatasetsThatChangeTheirRowsToDjl() {
    Transform halve = array -> array.div(2);
    assertThat(ArrayRows.of(new Subclass(builder()), manager)).isEmpty();
    assertThat(ArrayRows.of(builder().addTransform(halve).build(), manager)).isEmpty();
    assertThat(ArrayRows.of(builder().addTargetTransform(halve).build(), manager)).isEmpty();
    assertThat(
            ArrayRows.of(
                builder()
                    .optDataBatchifier(
                        PaddingStackBatchifier.builder()
                            .addPad(0, 0, m -> m.zeros(new Shape(1)))
                            .build())
                    .build(),
                manager))
        .isEmpty();
  }

  private static final class Subclass extends ArrayDataset {
    Subclass(Builder builder) {
      super(builder);
      data = new NDArray[0];
    }
  }
}
