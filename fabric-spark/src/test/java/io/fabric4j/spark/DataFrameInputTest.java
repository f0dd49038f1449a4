package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFrameInputTest extends SparkTest {

  /** Fingerprint and number of rows of each rank. */
  private static List<List<Long>> shards(Dataset<Row> rows) {
    return SparkFabric.builder(spark)
        .numWorkers(2)
        .handleInvalid(HandleInvalid.KEEP)
        .input("train", rows)
        .build()
        .launch(
            (fabric, shards) -> {
              Shard train = shards.get("train");
              return new ArrayList<>(
                  fabric
                      .processGroup()
                      .allGatherObject(
                          new ArrayList<>(List.of(train.fingerprint(), train.rows()))));
            });
  }

  @Test
  void ranksShareTheRowsOfUnevenPartitions() {
    Dataset<Row> skewed = spark.range(0, 8000, 1, 8).toDF().where("id >= 6000 or id % 8 = 1");

    List<List<Long>> shards = shards(skewed);

    assertThat(shards).extracting(shard -> shard.get(1)).containsExactly(1375L, 1375L);
    assertThat(shards(skewed)).isEqualTo(shards);
  }

  @Test
  void readsColumnsOfAFileAsItReadsRows(@TempDir Path folder) {
    String file = folder.resolve("rows.parquet").toString();
    spark
        .range(0, 1000, 1, 4)
        .selectExpr(
            "cast(id as float) / 3 as f",
            "if(id % 7 = 0, null, id / 3) as d",
            "cast(id as int) as i",
            "id",
            "id % 2 = 0 as b",
            "cast(id % 5 as float) as dictionary",
            "id % 3 as part")
        .write()
        .partitionBy("part")
        .parquet(file);

    List<List<Long>> ofColumns = shards(spark.read().parquet(file));
    spark.conf().set("spark.sql.parquet.enableVectorizedReader", "false");
    try {
      assertThat(shards(spark.read().parquet(file))).isEqualTo(ofColumns);
    } finally {
      spark.conf().unset("spark.sql.parquet.enableVectorizedReader");
    }
    assertThat(ofColumns.get(0).get(1) + ofColumns.get(1).get(1)).isEqualTo(1000);
  }
}
