package io.fabric4j.spark.ml;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import io.fabric4j.internal.precision.ModuleTypes;
import io.fabric4j.internal.precision.ModuleTypes.InitialValues;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.precision.Precision;
import io.fabric4j.spark.internal.ml.TrainedNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Models with random weights, and rows for them. */
final class SmallModels {
  static final int FEATURES = 4;
  static final int CLASSES = 3;
  static final FabricTrainingSummary SUMMARY =
      new FabricTrainingSummary(
          "run-1",
          2,
          List.of(new TrainingEpoch(1, Map.of("loss", 0.5), Map.of(), 100, 1.5, 0)),
          1,
          false,
          2.5,
          100,
          0);
  private static final InputColumn VECTOR =
      new InputColumn("features", DataType.FLOAT32, List.of((long) FEATURES), 0);

  private SmallModels() {}

  static FabricClassificationModel classifier() {
    return classifier(Network.mlp(8), SUMMARY);
  }

  static FabricClassificationModel classifier(Network network, FabricTrainingSummary summary) {
    return new FabricClassificationModel(
        "classifier-1",
        train(network, List.of(VECTOR), output("label", OutputColumn.Kind.CLASSES, CLASSES)),
        summary);
  }

  static FabricRegressionModel regression() {
    return new FabricRegressionModel(
        "regression-1",
        train(Network.linear(), List.of(VECTOR), output("label", OutputColumn.Kind.VALUES, 1)),
        null);
  }

  /** Two inputs, a category among them, and three outputs. */
  static FabricModel general() {
    return new FabricModel(
        "general-1",
        train(
            Network.wideAndDeep(8),
            List.of(VECTOR, new InputColumn("kind", DataType.INT32, List.of(), 5)),
            output("class", OutputColumn.Kind.CLASSES, CLASSES),
            output("value", OutputColumn.Kind.VALUES, 1),
            output("pair", OutputColumn.Kind.VALUES, 2)),
        SUMMARY);
  }

  private static OutputColumn output(String label, OutputColumn.Kind kind, int size) {
    return new OutputColumn(label, kind, size);
  }

  private static TrainedNetwork train(
      Network network, List<InputColumn> inputs, OutputColumn... outputs) {
    TorchLibrary.load();
    NetworkSignature signature = new NetworkSignature(inputs, List.of(outputs));
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Block block = network.newBlock(manager, signature);
      ModuleTypes.initModule(
          block, Precision.TRUE_32, InitialValues.INITIALIZED, manager, signature.inputShapes(1));
      Map<String, Object> state = new LinkedHashMap<>();
      block.getParameters().forEach(pair -> state.put(pair.getKey(), pair.getValue().getArray()));
      return new TrainedNetwork(
          UUID.randomUUID().toString(), network, signature, TrainedNetwork.weightsOf(state));
    }
  }

  static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
  }

  /** Columns {@code id}, {@code features}, {@code kind} and {@code label}. */
  static Dataset<Row> rows(SparkSession spark, int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] features = new double[FEATURES];
      for (int j = 0; j < FEATURES; j++) {
        features[j] = Math.sin(i * FEATURES + j);
      }
      rows.add(RowFactory.create(i, Vectors.dense(features), i % 5, (double) (i % CLASSES)));
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.IntegerType, false)
            .add("features", SQLDataTypes.VectorType(), false)
            .add("kind", DataTypes.IntegerType, false)
            .add("label", DataTypes.DoubleType, false);
    return spark.createDataFrame(rows, schema).coalesce(2);
  }
}
