package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
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

    List<Set<InternalRow>> first = sets(rows);

    assertThat(first).extracting(Set::size).containsExactly(856, 572, 572);
    for (int i = 0; i < 3; i++) {
      assertThat(sets(rows)).isEqualTo(first);
    }
  }

  private static List<Set<InternalRow>> sets(Dataset<Row> rows) {
    return partitions(rows, 3).stream().<Set<InternalRow>>map(HashSet::new).toList();
  }

  private static List<List<InternalRow>> partitions(Dataset<Row> rows, int ranks) {
    JavaRDD<InternalRow> dealt = Input.of("train", rows).partitioned().apply(ranks);
    return dealt.map(InternalRow::copy).glom().collect();
  }

  @Test
  void readsManyPartitionsWithoutAShuffle() {
    Dataset<Row> rows = spark.range(0, 14, 1, 7).toDF();

    JavaRDD<InternalRow> dealt = Input.of("train", rows).partitioned().apply(3);

    assertThat(PartitionGroups.isShuffled(dealt.rdd())).isFalse();
    assertThat(longs(partitions(rows, 3)))
        .containsExactly(
            List.of(0L, 1L, 6L, 7L, 12L, 13L), List.of(2L, 3L, 8L, 9L), List.of(4L, 5L, 10L, 11L));
  }

  private static List<List<Long>> longs(List<List<InternalRow>> partitions) {
    return partitions.stream()
        .map(part -> part.stream().map(row -> row.getLong(0)).toList())
        .toList();
  }

  @Test
  void dealsFewerPartitionsThanRanksOutEvenly() {
    assertThat(partitions(spark.range(0, 90, 1, 2).toDF(), 3))
        .allSatisfy(part -> assertThat(part).hasSizeBetween(29, 31));
    assertThat(partitions(spark.range(0, 90, 1, 2).toDF().repartition(2), 3))
        .allSatisfy(part -> assertThat(part).hasSizeBetween(29, 31));
  }

  @Test
  void keepsADataFrameOfTheRightPartitions() {
    List<List<InternalRow>> parts = partitions(spark.range(0, 9, 1, 3).toDF(), 3);

    for (int i = 0; i < 3; i++) {
      long first = 3L * i;
      assertThat(parts.get(i).stream().map(row -> row.getLong(0)))
          .containsExactlyInAnyOrder(first, first + 1, first + 2);
    }
  }

  @Test
  void givesEachRankAPartitionThoughSparkSeesNoRows() {
    assertThat(partitions(spark.range(5).toDF().limit(0), 3))
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

    List<List<InternalRow>> parts = partitions(rows, 3);

    assertThat(longs(parts).stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 100).boxed().toList());
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
