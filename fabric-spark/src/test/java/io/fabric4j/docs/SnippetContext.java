package io.fabric4j.docs;

import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBlock;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricFunction;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.spark.Shards;
import io.fabric4j.spark.ml.FabricModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Names that the code in the pages uses without declaring them. */
abstract class SnippetContext {
  SparkSession spark;
  Dataset<Row> trainRows;
  Dataset<Row> validationRows;
  Dataset<Row> testRows;
  Fabric fabric;
  FabricBlock model;
  FabricOptimizer optimizer;
  FabricDataLoader loader;
  FabricDataLoader train;
  RandomAccessDataset dataset;
  Loss loss;
  Trainer trainer;
  FabricFunction<Double> training;
  Chart chart;
  double accuracy;
  FabricModel fitted;

  /** Someone who draws. */
  static final class Chart {
    void update(Object epoch) {}
  }

  static Block network() {
    throw new UnsupportedOperationException();
  }

  static float train(Fabric fabric) {
    return 0;
  }

  static float train(Fabric fabric, Shards shards) {
    return 0;
  }
}
