package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.AdamW;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** 20,000 training steps; prints anonymous memory and live NDArrays every 1,000. */
final class SoakRun {
  static final int STEPS = 20_000;

  private SoakRun() {}

  public static void main(String[] args) throws IOException {
    try (Fabric fabric = Fabric.builder().threads(1).flushDenormals(true).build()) {
      FabricSetup setup =
          fabric.setup(
              new SequentialBlock()
                  .add(Linear.builder().setUnits(512).build())
                  .add(Activation.reluBlock())
                  .add(Linear.builder().setUnits(256).build())
                  .add(Activation.reluBlock())
                  .add(Linear.builder().setUnits(10).build()),
              new Shape(1, 784),
              AdamW.builder().build());
      NDManager manager = fabric.manager();
      NDArray images = manager.randomUniform(0, 1, new Shape(6400, 784));
      NDArray labels = manager.arange(6400).mod(10).toType(DataType.INT64, false);
      ArrayDataset rows =
          new ArrayDataset.Builder()
              .setData(images)
              .optLabels(labels)
              .setSampling(1, false)
              .build();
      FabricDataLoader loader =
          fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(64).shuffle(true));
      Loss loss = Loss.softmaxCrossEntropyLoss();
      for (int step = 1; step <= STEPS; ) {
        for (FabricBatch batch : loader) {
          setup.optimizer().zeroGrad();
          fabric.backward(loss.evaluate(batch.getLabels(), setup.block().forward(batch.getData())));
          setup.optimizer().step();
          if (step % 1000 == 0) {
            print(step, manager);
          }
          step++;
        }
      }
    }
  }

  private static void print(int step, NDManager manager) throws IOException {
    System.out.println(
        "soak " + step + " " + anonymousKiB() + " " + manager.getManagedArrays().size());
  }

  private static long anonymousKiB() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }
}
