package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InputTest {
  private static SparkSession spark;
  private static JavaSparkContext context;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void dealsOutAnRddInOrder() {
    JavaRDD<Integer> rows = context.parallelize(IntStream.range(0, 10).boxed().toList(), 2);

    assertThat(partitions(input(rows), 3))
        .containsExactly(List.of(0, 3, 7), List.of(1, 4, 5, 8), List.of(2, 6, 9));
  }

  @Test
  void keepsAnRddOfTheRightPartitions() {
    JavaRDD<Integer> rows = context.parallelize(List.of(5, 4, 3), 3);

    assertThat(input(rows).partitioned().apply(3)).isSameAs(rows);
  }

  @Test
  void shufflesWhatABarrierStageCannotCompute() {
    JavaRDD<Integer> coalesced = context.parallelize(List.of(5, 4, 3), 4).coalesce(2);

    assertThat(input(coalesced).partitioned().apply(2)).isNotSameAs(coalesced);
    assertThat(partitions(input(coalesced), 2).stream().mapToInt(List::size).sum()).isEqualTo(3);
  }

  @Test
  void givesEachRankTheSameRowsEachTime() {
    Dataset<Row> rows =
        spark.range(0, 2000, 1, 7).selectExpr("id", "sqrt(id) as root", "array(id) as `a.b`");

    List<Set<Row>> first = sets(rows);

    assertThat(first).allSatisfy(part -> assertThat(part).hasSizeBetween(660, 674));
    for (int i = 0; i < 3; i++) {
      assertThat(sets(rows)).isEqualTo(first);
    }
  }

  private static List<Set<Row>> sets(Dataset<Row> rows) {
    return partitions(Input.of("train", rows), 3).stream().<Set<Row>>map(HashSet::new).toList();
  }

  @Test
  void keepsADataFrameOfTheRightPartitions() {
    List<List<Row>> parts = partitions(Input.of("train", spark.range(0, 9, 1, 3).toDF()), 3);

    for (int i = 0; i < 3; i++) {
      long first = 3L * i;
      assertThat(parts.get(i).stream().map(row -> row.getLong(0)))
          .containsExactlyInAnyOrder(first, first + 1, first + 2);
    }
  }

  @Test
  void givesEachRankAPartitionThoughSparkSeesNoRows() {
    assertThat(partitions(Input.of("train", spark.range(5).toDF().limit(0)), 3))
        .containsExactly(List.of(), List.of(), List.of());
  }

  @Test
  void computesAShuffledDataFrameOnce() {
    LongAccumulator computed = spark.sparkContext().longAccumulator();
    Dataset<Row> rows =
        spark
            .range(0, 100, 1, 4)
            .map(
                (MapFunction<Long, Long>)
                    id -> {
                      computed.add(1);
                      return id;
                    },
                Encoders.LONG())
            .repartition(5)
            .toDF("x");

    List<List<Row>> parts = partitions(Input.of("train", rows), 3);

    assertThat(parts).hasSize(3).allSatisfy(part -> assertThat(part).hasSizeBetween(30, 37));
    assertThat(computed.sum()).isEqualTo(100);
  }

  private static Input<Integer> input(JavaRDD<Integer> rows) {
    return Input.of("train", rows, (row, writer) -> writer.put("x", row));
  }

  private static <T> List<List<T>> partitions(Input<T> input, int ranks) {
    return new ArrayList<>(input.partitioned().apply(ranks).glom().collect());
  }

  @Test
  void rejectsABlankName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Input.of(" ", spark.range(3).toDF()))
        .withMessage("The name of an input is blank. Name it, as in 'train'.");
  }
}
