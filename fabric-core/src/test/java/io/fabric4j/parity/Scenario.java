package io.fabric4j.parity;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.loss.Loss;
import ai.djl.util.Progress;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricSetup;
import io.fabric4j.distributed.ShardedDataset;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.SGD;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One training run of a given number of steps that any number of ranks can take: rows are made by a
 * formula, global batches do not depend on the number of ranks.
 *
 * @param network {@code mlp}, {@code cnn}, or {@code wide}: an mlp with 2.2 MB of gradients
 * @param optimizer {@code sgd} or {@code adamw}
 */
record Scenario(String network, String optimizer) implements Serializable {
  static final int STEPS = 100;
  static final int GLOBAL_BATCH = 24;
  static final int SHARD_BATCH = 8;
  private static final int ROWS = 960;
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  /** Trains on a dataset that the ranks share out; returns the parameters' bytes. */
  byte[] run(Fabric fabric) {
    FabricSetup setup = setup(fabric);
    NDManager manager = fabric.manager();
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(dataset(manager, 0, ROWS))
                .batchSize(GLOBAL_BATCH / fabric.worldSize())
                .shuffle(true));
    for (int step = 0; step < STEPS; ) {
      for (FabricBatch batch : loader) {
        train(fabric, setup, batch.getData(), batch.getLabels());
        if (++step == STEPS) {
          break;
        }
      }
    }
    return parameters(setup);
  }

  /** Trains with rank r holding shards[r] rows. */
  byte[] runOnShards(Fabric fabric, int... shards) {
    FabricSetup setup = setup(fabric);
    int first = 0;
    for (int rank = 0; rank < fabric.globalRank(); rank++) {
      first += shards[rank];
    }
    Rows rows = new Rows(dataset(fabric.manager(), first, shards[fabric.globalRank()]));
    FabricDataLoader loader =
        fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(SHARD_BATCH));
    int step = 0;
    for (FabricBatch batch : loader) {
      train(fabric, setup, batch.getData(), batch.getLabels());
      if (++step == STEPS) {
        break;
      }
    }
    return parameters(setup);
  }

  /** Trains on one rank with the global batches of {@link #runOnShards}. */
  byte[] runOnUnitedShards(Fabric fabric, int... shards) {
    FabricSetup setup = setup(fabric);
    for (int step = 0; step < STEPS; step++) {
      try (NDManager manager = fabric.manager().newSubManager()) {
        NDList data = new NDList();
        NDList labels = new NDList();
        int first = 0;
        for (int count : shards) {
          int rows = Math.max(0, Math.min(SHARD_BATCH, count - step * SHARD_BATCH));
          if (rows > 0) {
            data.add(inputs(manager, first + step * SHARD_BATCH, rows));
            labels.add(targets(manager, first + step * SHARD_BATCH, rows));
          }
          first += count;
        }
        train(
            fabric, setup, new NDList(NDArrays.concat(data)), new NDList(NDArrays.concat(labels)));
      }
    }
    return parameters(setup);
  }

  private FabricSetup setup(Fabric fabric) {
    fabric.seedEverything(3);
    OptimizerConfig config =
        optimizer.equals("sgd")
            ? SGD.builder().learningRate(0.05).momentum(0.9).build()
            : AdamW.builder().learningRate(1e-3).build();
    return fabric.setup(block(), new Shape(1, 1, 8, 8), config);
  }

  private Block block() {
    if (!network.equals("cnn")) {
      return new SequentialBlock()
          .add(Blocks.batchFlattenBlock())
          .add(Linear.builder().setUnits(network.equals("wide") ? 8192 : 32).build())
          .add(Activation.reluBlock())
          .add(Linear.builder().setUnits(4).build());
    }
    return new SequentialBlock()
        .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(6).build())
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(4).build());
  }

  private static void train(Fabric fabric, FabricSetup setup, NDList data, NDList labels) {
    setup.optimizer().zeroGrad();
    fabric.backward(LOSS.evaluate(labels, setup.block().forward(data)));
    setup.optimizer().step();
  }

  private static ArrayDataset dataset(NDManager manager, int first, int rows) {
    if (rows == 0) {
      return null;
    }
    return new ArrayDataset.Builder()
        .setData(inputs(manager, first, rows))
        .optLabels(targets(manager, first, rows))
        .setSampling(1, false)
        .build();
  }

  private static NDArray inputs(NDManager manager, int first, int rows) {
    float[] values = new float[rows * 64];
    for (int i = 0; i < values.length; i++) {
      int row = first + i / 64;
      values[i] = (float) Math.sin(0.37 * row * (1 + i % 64 % 7) + 0.9 * (i % 64));
    }
    return manager.create(values, new Shape(rows, 1, 8, 8));
  }

  private static NDArray targets(NDManager manager, int first, int rows) {
    long[] values = new long[rows];
    for (int i = 0; i < rows; i++) {
      values[i] = (first + i) % 4;
    }
    return manager.create(values).toType(DataType.FLOAT32, false);
  }

  private static byte[] parameters(FabricSetup setup) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Parameter parameter : setup.block().unwrap().getParameters().values()) {
        for (float value : parameter.getArray().toFloatArray()) {
          out.writeFloat(value);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    for (String network : List.of("mlp", "cnn")) {
      for (String optimizer : List.of("sgd", "adamw")) {
        all.add(new Scenario(network, optimizer));
      }
    }
    return all;
  }

  /** A shard, which may be empty. */
  private static final class Rows extends RandomAccessDataset implements ShardedDataset {
    private final ArrayDataset dataset;

    Rows(ArrayDataset dataset) {
      super(new Builder());
      this.dataset = dataset;
    }

    @Override
    public Record get(NDManager manager, long index) {
      return dataset.get(manager, index);
    }

    @Override
    protected long availableSize() {
      return dataset == null ? 0 : dataset.size();
    }

    @Override
    public void prepare(Progress progress) {}

    private static final class Builder extends RandomAccessDataset.BaseBuilder<Builder> {
      Builder() {
        setSampling(1, false);
      }

      @Override
      protected Builder self() {
        return this;
      }
    }
  }
}
