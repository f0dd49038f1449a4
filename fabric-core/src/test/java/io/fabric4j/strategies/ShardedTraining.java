package io.fabric4j.strategies;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricBlock;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.FabricSetup;
import io.fabric4j.NoBackwardSync;
import io.fabric4j.ParameterVector;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.ParameterGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A network with a parameter group for biases, a frozen bias and a layer that no loss reaches,
 * trained on global batches that do not depend on the number of ranks.
 */
final class ShardedTraining {
  /** Alignment of a slice to 64 bytes, for two moments of two groups. */
  static final int MAX_PADDING_BYTES = 2 * 2 * 64;

  private static final int ROWS = 240;
  private static final int GLOBAL_BATCH = 24;
  private static final int FEATURES = 7;
  private static final int HIDDEN = 61;
  private static final int CLASSES = 5;
  private static final int UNUSED_UNITS = 9;
  private static final String TRAINED = "trained";
  private static final OptimizerConfig CONFIG =
      AdamW.builder()
          .learningRate(1e-2)
          .weightDecay(0.1)
          .group(
              ParameterGroup.matching(name -> name.endsWith("bias"))
                  .withLearningRate(5e-3)
                  .withWeightDecay(0))
          .build();

  private final Fabric fabric;
  private final Step step;
  private final FabricBlock block;
  private final FabricOptimizer optimizer;
  private final FabricDataLoader loader;
  private final ArrayList<Double> norms = new ArrayList<>();

  /**
   * What the loop does in a step.
   *
   * @param window backwards per step
   * @param accumulation where the backwards before the last one are summed
   * @param clipping of the gradients, null for none
   */
  record Step(int window, Accumulation accumulation, GradientClipping clipping) {
    static final Step PLAIN = new Step(1, Accumulation.LOCAL, null);
  }

  /** Whether gradients are reduced in the last backward of a window, or in each. */
  enum Accumulation {
    LOCAL,
    SYNCHRONIZED
  }

  ShardedTraining(Fabric fabric, Step step) {
    this.fabric = fabric;
    this.step = step;
    Block network = fabric.initModule(network(), new Shape(1, FEATURES));
    frozen(network).freeze(true);
    FabricSetup setup = fabric.setup(network, CONFIG);
    block = setup.block();
    block.markForwardMethod(
        TRAINED,
        (all, store, inputs, training) ->
            all.getChildren().valueAt(0).forward(store, inputs, training));
    optimizer = setup.optimizer();
    loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(dataset())
                .batchSize(GLOBAL_BATCH / fabric.worldSize())
                .shuffle(true)
                .seed(11));
  }

  private static Block network() {
    Block trained =
        new SequentialBlock()
            .add(Linear.builder().setUnits(HIDDEN).build())
            .add(Activation.tanhBlock())
            .add(Linear.builder().setUnits(CLASSES).build());
    Block network =
        new SequentialBlock().add(trained).add(Linear.builder().setUnits(UNUSED_UNITS).build());
    network.setInitializer(ShardedTraining::values, parameter -> true);
    return network;
  }

  /** Initial values that do not depend on libtorch's generator, which rank threads share. */
  private static NDArray values(NDManager manager, Shape shape, DataType type) {
    return manager.arange((float) shape.size()).mul(1.7f).cos().mul(0.5f).reshape(shape);
  }

  private static Parameter frozen(Block network) {
    Block trained = network.getChildren().valueAt(0);
    return trained.getChildren().valueAt(0).getParameters().get("bias");
  }

  private ArrayDataset dataset() {
    NDArray data = fabric.manager().arange((float) ROWS * FEATURES).mul(0.7f).sin();
    NDArray labels = fabric.manager().arange((float) ROWS).mod(CLASSES);
    return new ArrayDataset.Builder()
        .setData(data.reshape(ROWS, FEATURES))
        .optLabels(labels)
        .setSampling(1, false)
        .build();
  }

  /** Trains the epochs from one to before another. */
  void run(int from, int to) {
    loader.setEpoch(from);
    int batches = 0;
    for (int epoch = from; epoch < to; epoch++) {
      for (FabricBatch batch : loader) {
        boolean last = ++batches % step.window() == 0;
        boolean local = !last && step.accumulation() == Accumulation.LOCAL;
        try (NoBackwardSync window = fabric.noBackwardSync(block, local)) {
          NDList outputs = block.forward(TRAINED, batch.getData());
          fabric.backward(Loss.softmaxCrossEntropyLoss().evaluate(batch.getLabels(), outputs));
        }
        if (last) {
          update();
        }
      }
    }
  }

  private void update() {
    if (step.clipping() != null) {
      norms.add(fabric.clipGradients(optimizer, step.clipping()));
    }
    optimizer.step();
    optimizer.zeroGrad();
  }

  /** Returns the norms before clipping. */
  ArrayList<Double> norms() {
    return norms;
  }

  FabricOptimizer optimizer() {
    return optimizer;
  }

  float[] parameters() {
    return ParameterVector.values(block.unwrap());
  }

  /** Returns the parameters that are frozen or that no loss reaches. */
  float[] notTrained() {
    float[] unused = ParameterVector.values(block.unwrap().getChildren().valueAt(1));
    float[] values = frozen(block.unwrap()).getArray().toFloatArray();
    float[] all = Arrays.copyOf(values, values.length + unused.length);
    System.arraycopy(unused, 0, all, values.length, unused.length);
    return all;
  }

  /** Returns what goes into a checkpoint. */
  Map<String, Object> state() {
    return new HashMap<>(Map.of("model", block, "optimizer", optimizer));
  }
}
