package io.fabric4j.spark.internal.ml.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

class InputBatchTest {
  private static final ColumnSpec VECTOR = spec("features", DataType.FLOAT32, 3L);

  @Test
  void readsEachKindOfValue() {
    NDList arrays =
        read(
            List.of(
                spec("double", DataType.FLOAT32),
                spec("decimal", DataType.FLOAT32),
                spec("int", DataType.INT32),
                spec("long", DataType.INT64),
                spec("boolean", DataType.BOOLEAN),
                spec("bytes", DataType.UINT8, 2L),
                spec("matrix", DataType.INT64, 2L, 2L)),
            1.5,
            new BigDecimal("2.25"),
            (short) -3,
            1L << 40,
            true,
            new byte[] {1, -1},
            seq(seq(1, 2), seq(3, 4)));
    assertThat(arrays.get(0).toFloatArray()).containsExactly(1.5f);
    assertThat(arrays.get(1).toFloatArray()).containsExactly(2.25f);
    assertThat(arrays.get(2).toIntArray()).containsExactly(-3);
    assertThat(arrays.get(3).toLongArray()).containsExactly(1L << 40);
    assertThat(arrays.get(4).toBooleanArray()).containsExactly(true);
    assertThat(arrays.get(5).toUint8Array()).containsExactly(1, 255);
    assertThat(arrays.get(6).toLongArray()).containsExactly(1, 2, 3, 4);
    assertThat(arrays.get(6).getShape()).isEqualTo(new Shape(1, 2, 2));
  }

  @Test
  void readsImages() {
    ColumnSpec image = spec("image", DataType.UINT8, 1L, 2L, 3L);
    byte[] pixels = {1, 2, 3, 4, 5, 6};
    NDList arrays = read(List.of(image), RowFactory.create("origin", 1, 2, 3, 16, pixels));
    assertThat(arrays.head().toUint8Array()).containsExactly(1, 2, 3, 4, 5, 6);
    rejects(
        image,
        HandleInvalid.ERROR,
        RowFactory.create("origin", 2, 1, 3, 16, pixels),
        "Column 'image' of a row is an image of height, width and channels [2, 1, 3], but the"
            + " model was trained on [1, 2, 3]. Its value is [origin,2,1,3,16,");
    rejects(
        image,
        HandleInvalid.ERROR,
        RowFactory.create("origin", -1, -1, -1, -1, new byte[0]),
        "Column 'image' of a row is an image that Spark could not decode.");
  }

  @Test
  void rowsFollowEachOther() {
    try (NDManager manager = manager();
        InputBatch batch = new InputBatch(List.of(VECTOR), HandleInvalid.ERROR, 3)) {
      batch.add(Vectors.dense(1, 2, 3));
      batch.add(Vectors.sparse(3, new int[] {1}, new double[] {7}));
      batch.add(seq(4f, 5f, 6f));
      assertThat(batch.isFull()).isTrue();
      NDArray rows = batch.arrays(manager).head();
      assertThat(rows.toFloatArray()).containsExactly(1, 2, 3, 0, 7, 0, 4, 5, 6);
      batch.clear();
      batch.add(Vectors.dense(8, 8, 8));
      assertThat(batch.arrays(manager).head().getShape()).isEqualTo(new Shape(1, 3));
    }
  }

  @Test
  void saysWhatIsWrongWithWhichValue() {
    rejects(
        VECTOR,
        HandleInvalid.ERROR,
        Vectors.dense(1, Double.NaN, 3),
        "Column 'features' of a row has null or NaN as element 1. Its value is [1.0,NaN,3.0]."
            + " Correct or drop such rows first, or set handleInvalid to 'skip' or 'keep'.");
    rejects(VECTOR, HandleInvalid.ERROR, null, "Column 'features' of a row has null or NaN");
    rejects(
        VECTOR,
        HandleInvalid.ERROR,
        Vectors.dense(1, 2),
        "Column 'features' of a row has 2 elements, but the model was trained on 3. Its value is"
            + " [1.0,2.0].");
    rejects(
        spec("m", DataType.INT32, 2L, 2L),
        HandleInvalid.ERROR,
        seq(seq(1, 2), seq(3)),
        "Column 'm' of a row has an array of 1 elements, but the model was trained on [2, 2].");
    rejects(
        spec("m", DataType.INT32, 2L, 2L),
        HandleInvalid.ERROR,
        seq(seq(1, 2), null),
        "Column 'm' of a row is null or contains null.");
    rejects(
        spec("id", DataType.INT64),
        HandleInvalid.KEEP,
        null,
        "Column 'id' of a row is null or contains null, and NaN cannot express it. Its value is"
            + " null. Correct or drop such rows first, or set handleInvalid to 'skip'.");
  }

  @Test
  void keepsWhatNaNExpresses() {
    try (NDManager manager = manager();
        InputBatch batch = new InputBatch(List.of(VECTOR), HandleInvalid.KEEP, 3)) {
      batch.add((Object) null);
      batch.add(Vectors.dense(1, Double.NaN, 3));
      batch.add(Vectors.dense(1, 2));
      assertThat(batch.arrays(manager).head().toFloatArray())
          .containsExactly(Float.NaN, Float.NaN, Float.NaN, 1, Float.NaN, 3, 1, 2, Float.NaN);
    }
    rejects(
        VECTOR, HandleInvalid.KEEP, Vectors.dense(1, 2, 3, 4), "Column 'features' of a row has");
  }

  @Test
  void skipsInvalidRows() {
    try (NDManager manager = manager();
        InputBatch batch = new InputBatch(List.of(VECTOR), HandleInvalid.SKIP, 3)) {
      assertThat(batch.add((Object) null)).isFalse();
      assertThat(batch.add(Vectors.dense(1, 2, 3))).isTrue();
      assertThat(batch.add(Vectors.dense(1, 2))).isFalse();
      assertThat(batch.arrays(manager).head().toFloatArray()).containsExactly(1, 2, 3);
    }
  }

  private static ColumnSpec spec(String name, DataType type, Long... dimensions) {
    return new ColumnSpec(name, type, List.of(dimensions));
  }

  private static Seq<Object> seq(Object... values) {
    return CollectionConverters.asScala(Arrays.asList(values)).toSeq();
  }

  private static NDManager manager() {
    TorchLibrary.load();
    return NDManager.newBaseManager("PyTorch");
  }

  private static NDList read(List<ColumnSpec> specs, Object... values) {
    try (NDManager manager = manager();
        InputBatch batch = new InputBatch(specs, HandleInvalid.ERROR, 2)) {
      assertThat(batch.add(values)).isTrue();
      NDList copies = new NDList();
      NDManager system = NDManager.newBaseManager("PyTorch");
      batch.arrays(manager).forEach(array -> copies.add(copy(array, system)));
      return copies;
    }
  }

  private static NDArray copy(NDArray array, NDManager owner) {
    NDArray copy = array.duplicate();
    copy.attach(owner);
    return copy;
  }

  private static void rejects(
      ColumnSpec spec, HandleInvalid handleInvalid, Object value, String message) {
    try (InputBatch batch = new InputBatch(List.of(spec), handleInvalid, 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.add(new Object[] {value}))
          .withMessageStartingWith(message);
    }
  }
}
