package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.TorchLibrary;
import java.math.BigDecimal;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class SchemaMapperTest {

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

    assertThat(table.specs())
        .containsExactly(
            new ColumnSpec("float", DataType.FLOAT32, ColumnSpec.SCALAR),
            new ColumnSpec("double", DataType.FLOAT32, ColumnSpec.SCALAR),
            new ColumnSpec("decimal", DataType.FLOAT32, ColumnSpec.SCALAR),
            new ColumnSpec("long", DataType.INT64, ColumnSpec.SCALAR),
            new ColumnSpec("int", DataType.INT32, ColumnSpec.SCALAR),
            new ColumnSpec("short", DataType.INT32, ColumnSpec.SCALAR),
            new ColumnSpec("byte", DataType.INT32, ColumnSpec.SCALAR),
            new ColumnSpec("boolean", DataType.BOOLEAN, ColumnSpec.SCALAR),
            new ColumnSpec("binary", DataType.UINT8, 2),
            new ColumnSpec("vector", DataType.FLOAT32, 2),
            new ColumnSpec("array", DataType.FLOAT32, 3));
  }

  private static scala.collection.Seq<?> sequence(Object... elements) {
    return CollectionConverters.asScala(List.of(elements));
  }

  private static Table read(StructType schema, Row... rows) {
    TorchLibrary.load();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      return new InputReader<>("train", SchemaMapper.of("train", schema))
          .read(List.of(rows).iterator(), manager, count -> {});
    }
  }

  @Test
  void rejectsNullInAScalarAndInAnArray() {
    StructType scalar = new StructType().add("x", DataTypes.IntegerType);
    StructType array = new StructType().add("x", DataTypes.createArrayType(DataTypes.FloatType));
    Row withNull =
        RowFactory.create(CollectionConverters.asScala(java.util.Arrays.asList(1f, null)));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(scalar, RowFactory.create(1), RowFactory.create((Object) null)))
        .withMessageStartingWith(
            "Column 'x' of input 'train', row 1 of this rank, is null or contains null.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(array, withNull))
        .withMessageStartingWith(
            "Column 'x' of input 'train', row 0 of this rank, is null or contains null.");
  }

  @Test
  void rejectsATypeWithoutTensorForm() {
    StructType schema = new StructType().add("x", DataTypes.LongType).add("s", "string");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SchemaMapper.of("train", schema))
        .withMessage(
            "Column 's' of input 'train' has the type string, which has no tensor form. Columns may"
                + " be numbers, boolean, binary, ML vectors and arrays of numbers: convert the"
                + " column, or leave it out with select or drop.");
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
