package io.fabric4j.spark.internal.ml.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchTransformTest {
  private static final List<ColumnSpec> FEATURES =
      List.of(new ColumnSpec("features", DataType.FLOAT32, List.of(2L)));
  private static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  /** Adds the sum of a row's elements, weighted by the network. */
  private static final class Sum implements OutputColumns {
    private static final long serialVersionUID = 1L;

    @Override
    public int size() {
      return 1;
    }

    @Override
    public void write(float[][] outputs, int row, Object[] target, int position) {
      target[position] = (double) outputs[0][row];
    }
  }

  private static Inference inference(int batchSize, HandleInvalid handleInvalid) {
    return new Inference(FEATURES, new Sum(), batchSize, "auto", handleInvalid);
  }

  private static Dataset<Row> transform(Dataset<Row> rows, ServedNetwork network) {
    return transform(rows, network, inference(3, HandleInvalid.ERROR));
  }

  private static Dataset<Row> transform(
      Dataset<Row> rows, ServedNetwork network, Inference inference) {
    StructType schema =
        rows.schema().add(new StructField("sum", DataTypes.DoubleType, false, metadata()));
    return BatchTransform.apply(rows, schema, network, inference);
  }

  private static org.apache.spark.sql.types.Metadata metadata() {
    return NumericAttribute.defaultAttr().withName("sum").toMetadata();
  }

  private static ServedNetwork served(Weighted network) {
    return new ServedNetwork(UUID.randomUUID().toString(), network);
  }

  private static Dataset<Row> rows(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          RowFactory.create(
              i,
              i % 2 == 0
                  ? Vectors.dense(i, 1)
                  : Vectors.sparse(2, new int[] {0}, new double[] {i})));
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType, false)
            .add(
                new StructField(
                    "features",
                    SQLDataTypes.VectorType(),
                    true,
                    org.apache.spark.sql.types.Metadata.fromJson("{\"kept\":1}")));
    return spark.createDataFrame(rows, schema).repartition(2);
  }

  @Test
  void addsAColumnInBatchesAndKeepsTheOthers() {
    Dataset<Row> result = transform(rows(20), served(new Weighted(2))).orderBy("id");
    List<Row> collected = result.collectAsList();
    assertThat(collected).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(collected.get(i).<Double>getAs("sum")).isEqualTo(2.0 * (i + (i + 1) % 2));
      assertThat(collected.get(i).getInt(0)).isEqualTo(i);
    }
    assertThat(result.schema().apply("features").metadata().getLong("kept")).isEqualTo(1);
    assertThat(result.schema().apply("sum").metadata()).isEqualTo(metadata());
    assertThat(result.schema().apply("sum").nullable()).isFalse();
    assertThat(result.schema().apply("id").nullable()).isFalse();
  }

  @Test
  void loadsTheNetworkOnceAndOnlyForRows() {
    int before = Weighted.LOADED.get();
    ServedNetwork network = served(new Weighted(1));
    Dataset<Row> lazy = transform(rows(10), network);
    assertThat(lazy.schema().fieldNames()).containsExactly("id", "features", "sum");
    assertThat(transform(rows(10).filter("id < 0"), network).count()).isZero();
    assertThat(Weighted.LOADED).hasValue(before);
    for (int i = 0; i < 3; i++) {
      assertThat(lazy.agg(functions.sum("sum")).first().getDouble(0)).isEqualTo(50);
      transform(rows(10), network).collectAsList();
    }
    assertThat(Weighted.LOADED).hasValue(before + 1);
  }

  @Test
  void ofEachBatchOnlyTheRowsThatAreAskedForAreMade() {
    Dataset<Row> result = transform(rows(10), served(new Weighted(1)));
    assertThat(result.limit(1).collectAsList()).hasSize(1);
    assertThat(result.select("sum").distinct().count()).isGreaterThan(1);
  }

  @Test
  void aRowThatIsInvalidFailsOrIsLeftOutOrIsKept() {
    Dataset<Row> rows =
        rows(6)
            .withColumn(
                "features",
                functions.when(functions.col("id").notEqual(3), functions.col("features")));
    ServedNetwork network = served(new Weighted(1));
    assertThatThrownBy(() -> transform(rows, network).collectAsList())
        .hasStackTraceContaining(
            "Column 'features' of a row has null or NaN as element 0. Its value is null.");
    assertThat(transform(rows, network, inference(4, HandleInvalid.SKIP)).select("id").count())
        .isEqualTo(5);
    List<Row> kept =
        transform(rows, network, inference(4, HandleInvalid.KEEP)).orderBy("id").collectAsList();
    assertThat(kept.get(3).<Double>getAs("sum")).isNaN();
    assertThat(kept.get(4).<Double>getAs("sum")).isEqualTo(5);
  }

  @Test
  void transformsStreams(@TempDir Path folder) throws Exception {
    Path input = Files.createDirectory(folder.resolve("input"));
    write(input.resolve("a.json"), "{\"features\":[1,2]}\n{\"features\":[3,4]}");
    StructType schema =
        new StructType().add("features", DataTypes.createArrayType(DataTypes.DoubleType));
    Dataset<Row> stream = spark.readStream().schema(schema).json(input.toString());
    Dataset<Row> result = transform(stream, served(new Weighted(1)));
    assertThat(result.isStreaming()).isTrue();
    var query = result.writeStream().format("memory").queryName("sums").start();
    try {
      query.processAllAvailable();
      write(input.resolve("b.json"), "{\"features\":[5,6]}");
      query.processAllAvailable();
    } finally {
      query.stop();
    }
    assertThat(
            spark
                .table("sums")
                .select("sum")
                .as(org.apache.spark.sql.Encoders.DOUBLE())
                .collectAsList())
        .containsExactlyInAnyOrder(3.0, 7.0, 11.0);
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
  }

  @Test
  void predictsOneRowOnTheDriver() {
    ServedNetwork network = served(new Weighted(2));
    float[][] outputs = network.predict(FEATURES, HandleInvalid.ERROR, Vectors.dense(1, 2));
    assertThat(outputs[0]).containsExactly(6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.predict(FEATURES, HandleInvalid.SKIP, Vectors.dense(1)))
        .withMessageStartingWith("Column 'features' of a row has 1 elements, but");
  }

  @Test
  void refusesColumnsOfAnotherKind() {
    ServedNetwork network = served(new Weighted(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> transform(rows(1).withColumn("features", functions.lit("x")), network))
        .withMessage(
            "Column 'features' has the type string, but the model was trained on float32 of shape"
                + " (2). Cast the column to the type it had then.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> transform(rows(1).drop("features"), network))
        .withMessage("There is no column 'features', which the model needs. The columns are [id].");
  }
}
