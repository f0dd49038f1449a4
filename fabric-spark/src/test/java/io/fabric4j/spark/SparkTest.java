package io.fabric4j.spark;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A session with four task slots in this JVM, for the tests of one class. */
abstract class SparkTest {
  static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[4]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.maxResultSize", "16m")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.executor.heartbeatInterval", "1s")
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }
}
