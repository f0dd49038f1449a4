package io.fabric4j.spark.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.Adam;
import io.fabric4j.spark.SparkFabric;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * When rank 0 got how far, in milliseconds since the epoch.
 *
 * @param function when the user's function began
 * @param setup when its model was set up
 * @param step when its first step had ended
 * @param log what the rank logged of its start
 */
record FirstStep(long function, long setup, long step, String log) implements Serializable {
  static final int RANKS = 2;
  private static final int ROWS = 64;

  /** Launches ranks that take one step, and returns the milliseconds of each part. */
  static Map<String, Long> launch(SparkSession spark) {
    long start = System.currentTimeMillis();
    FirstStep rank = SparkFabric.launch(spark, RANKS, FirstStep::train);
    long end = System.currentTimeMillis();
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("launch to the first step's end", rank.step - start);
    parts.put("from that: driver, scheduler, task", 0L);
    long log = 0;
    for (String part : rank.log.substring(rank.log.indexOf(": ") + 2).split(", ")) {
      String[] words = part.split(" ");
      parts.put("rank: " + words[0], Long.parseLong(words[1]));
      log += Long.parseLong(words[1]);
    }
    parts.put("from that: driver, scheduler, task", rank.function - start - log);
    parts.put("function: setup", rank.setup - rank.function);
    parts.put("function: first step", rank.step - rank.setup);
    parts.put("first step's end to the result", end - rank.step);
    return parts;
  }

  private static FirstStep train(Fabric fabric) {
    long function = System.currentTimeMillis();
    String log = StartLines.last();
    FabricSetup model = fabric.setup(mlp(), new Shape(ROWS, 784), Adam.builder().build());
    long setup = System.currentTimeMillis();
    NDArray images = fabric.manager().randomUniform(0, 1, new Shape(ROWS, 784));
    NDArray labels = fabric.manager().zeros(new Shape(ROWS), DataType.INT64);
    NDList outputs = model.block().forward(new NDList(images));
    fabric.backward(Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), outputs));
    model.optimizer().step();
    return new FirstStep(function, setup, System.currentTimeMillis(), log);
  }

  private static Block mlp() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(256).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }
}
