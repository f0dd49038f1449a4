package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.spark.HandleInvalid;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class SchemaMapperTest {
  private static SparkSession spark;

  private final List<Table> tables = new ArrayList<>();
  private NDManager manager;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager("PyTorch");
  }

  @AfterEach
  void close() {
    tables.forEach(Table::close);
    manager.close();
  }

  @Test
  void mapsEachSqlType() {
    StructType schema =
        new StructType()
            .add("float", DataTypes.FloatType)
            .add("double", DataTypes.DoubleType)
            .add("decimal", DataTypes.createDecimalType(10, 2))
            .add("long", DataTypes.LongType)
            .add("int", DataTypes.IntegerType)
            .add("short", DataTypes.ShortType)
            .add("byte", DataTypes.ByteType)
            .add("boolean", DataTypes.BooleanType)
            .add("binary", DataTypes.BinaryType)
            .add("vector", SQLDataTypes.VectorType())
            .add("array", DataTypes.createArrayType(DataTypes.IntegerType));
    Row row =
        RowFactory.create(
            1f,
            2.0,
            new BigDecimal("3.25"),
            4L,
            5,
            (short) 6,
            (byte) 7,
            true,
            new byte[] {8, 9},
            Vectors.dense(10, 11),
            sequence(12, 13, 14));

    Table table = read(schema, row);

    assertThat(table.layout().columns())
        .containsExactly(
            ColumnSpec.of("float", DataType.FLOAT32),
            ColumnSpec.of("double", DataType.FLOAT32),
            ColumnSpec.of("decimal", DataType.FLOAT32),
            ColumnSpec.of("long", DataType.INT64),
            ColumnSpec.of("int", DataType.INT32),
            ColumnSpec.of("short", DataType.INT32),
            ColumnSpec.of("byte", DataType.INT32),
            ColumnSpec.of("boolean", DataType.BOOLEAN),
            ColumnSpec.of("binary", DataType.UINT8, 2),
            ColumnSpec.of("vector", DataType.FLOAT32, 2),
            ColumnSpec.of("array", DataType.INT32, 3));
    assertThat(column(table, "double").toFloatArray()).containsExactly(2);
    assertThat(column(table, "decimal").toFloatArray()).containsExactly(3.25f);
    assertThat(column(table, "short").toIntArray()).containsExactly(6);
    assertThat(column(table, "byte").toIntArray()).containsExactly(7);
    assertThat(column(table, "vector").toFloatArray()).containsExactly(10, 11);
  }

  @Test
  void mapsSparseVectorsAndColumnsWithStrangeNames() {
    StructType schema = new StructType().add("a.`b`", SQLDataTypes.VectorType()).add("c", "short");
    Row sparse = RowFactory.create(Vectors.sparse(3, new int[] {1}, new double[] {5}), (short) 2);

    Table table = read(schema, sparse);

    assertThat(column(table, "a.`b`").toFloatArray()).containsExactly(0, 5, 0);
    assertThat(column(table, "c").toIntArray()).containsExactly(2);
  }

  private static scala.collection.Seq<?> sequence(Object... elements) {
    return CollectionConverters.asScala(Arrays.asList(elements));
  }

  private Table read(StructType schema, Row... rows) {
    return read(HandleInvalid.ERROR, schema, rows);
  }

  private Table read(HandleInvalid handleInvalid, StructType schema, Row... rows) {
    Input<InternalRow> input = Input.of("train", spark.createDataFrame(List.of(rows), schema));
    try (TableBuilder builder = Tables.builder(handleInvalid)) {
      for (InternalRow row : input.partitioned().apply(1).map(InternalRow::copy).collect()) {
        input.mapper().map(row, builder);
        builder.endRow();
      }
      tables.add(builder.build());
      return tables.get(tables.size() - 1);
    }
  }

  @Test
  void mapsNestedArraysOfEachElementType() {
    StructType schema =
        new StructType()
            .add("floats", nested(nested(DataTypes.DoubleType)))
            .add("longs", nested(DataTypes.LongType))
            .add("bytes", nested(DataTypes.ByteType))
            .add("booleans", nested(nested(nested(DataTypes.BooleanType))));
    Row row =
        RowFactory.create(
            sequence(sequence(1.0, 2.0, 3.0), sequence(4.0, 5.0, 6.0)),
            sequence(1L << 40, 7L),
            sequence((byte) -1),
            sequence(sequence(sequence(true), sequence(false))));

    Table table = read(schema, row);

    assertThat(table.layout().columns())
        .containsExactly(
            ColumnSpec.of("floats", DataType.FLOAT32, 2, 3),
            ColumnSpec.of("longs", DataType.INT64, 2),
            ColumnSpec.of("bytes", DataType.INT32, 1),
            ColumnSpec.of("booleans", DataType.BOOLEAN, 1, 2, 1));
    assertThat(column(table, "floats").toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(column(table, "longs").toLongArray()).containsExactly(1L << 40, 7);
    assertThat(column(table, "bytes").toIntArray()).containsExactly(-1);
    assertThat(column(table, "booleans").toBooleanArray()).containsExactly(true, false);
  }

  private static org.apache.spark.sql.types.DataType nested(
      org.apache.spark.sql.types.DataType element) {
    return DataTypes.createArrayType(element);
  }

  private NDArray column(Table table, String name) {
    return Tables.column(manager, table, name);
  }

  @Test
  void mapsSparksImages() {
    StructType schema = new StructType().add("image", ImageSchema.columnSchema());
    byte[] pixels = {1, 2, 3, 4, 5, (byte) 250};

    Table table = read(schema, image(1, 2, 3, pixels));

    assertThat(table.column("image")).isEqualTo(ColumnSpec.of("image", DataType.UINT8, 1, 2, 3));
    assertThat(column(table, "image").toUint8Array()).containsExactly(1, 2, 3, 4, 5, 250);
  }

  private static Row image(int height, int width, int channels, byte[] data) {
    return RowFactory.create(RowFactory.create("file", height, width, channels, 16, data));
  }

  @Test
  void rejectsImagesThatAreNone() {
    StructType schema = new StructType().add("image", ImageSchema.columnSchema());
    Row undefined = image(-1, -1, -1, new byte[0]);
    Row floats = image(1, 2, 3, new byte[24]);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(schema, undefined))
        .withMessageContaining("row 0 of this rank, is an image that Spark could not decode.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(schema, floats))
        .withMessageContaining("has 24 elements, which do not make the shape (1, 2, 3).");
    assertThat(read(HandleInvalid.SKIP, schema, undefined).skipped()).isEqualTo(1);
  }

  @Test
  void rejectsArraysThatAreRaggedInOneRow() {
    StructType schema = new StructType().add("x", nested(nested(DataTypes.FloatType)));
    Row ragged = RowFactory.create(sequence(sequence(1f, 2f), sequence(3f)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(schema, ragged))
        .withMessageContaining("has arrays of 2 and of 1 elements in one row.");
    assertThat(read(HandleInvalid.SKIP, schema, ragged).skipped()).isEqualTo(1);
  }

  @Test
  void keepsNullsOfFloatsAsNaN() {
    StructType schema =
        new StructType().add("x", DataTypes.DoubleType).add("y", nested(DataTypes.FloatType));
    Row first = RowFactory.create(null, sequence(1f, null));

    Table table = read(HandleInvalid.KEEP, schema, first);

    assertThat(column(table, "x").toFloatArray()).containsExactly(Float.NaN);
    assertThat(column(table, "y").toFloatArray()).containsExactly(1, Float.NaN);
  }

  @Test
  void rejectsNullInAScalarAndInAnArray() {
    StructType scalar = new StructType().add("x", DataTypes.IntegerType);
    StructType array = new StructType().add("x", DataTypes.createArrayType(DataTypes.FloatType));
    Row withNull = RowFactory.create(sequence(1f, null));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(scalar, RowFactory.create(1), RowFactory.create((Object) null)))
        .withMessageStartingWith(
            "Column 'x' of input 'train', row 1 of this rank, is null or contains null.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(array, withNull))
        .withMessageStartingWith(
            "Column 'x' of input 'train', row 0 of this rank, has null or NaN as element 1.");
  }

  @Test
  void rejectsATypeWithoutTensorForm() {
    StructType schema = new StructType().add("x", DataTypes.LongType).add("s", "string");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SchemaMapper.of("train", schema))
        .withMessage(
            "Column 's' of input 'train' has the type string, which has no tensor form. Columns may"
                + " be numbers, boolean, binary, ML vectors, images, and arrays of numbers or"
                + " booleans: convert the column, or leave it out with select or drop.");
  }

  @Test
  void rejectsColumnsOfTheSameName() {
    StructType schema = new StructType().add("x", "long").add("x", "double");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SchemaMapper.of("train", schema))
        .withMessage("Input 'train' has two columns 'x'. Rename or drop one.");
  }

  @Test
  void rejectsASchemaWithoutColumns() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SchemaMapper.of("train", new StructType()))
        .withMessage("Input 'train' has no columns. Select at least one.");
  }
}
