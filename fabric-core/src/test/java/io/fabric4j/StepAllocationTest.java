package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import com.sun.management.ThreadMXBean;
import io.fabric4j.optim.Adam;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a training step leaves for the garbage collector. */
class StepAllocationTest {
  private static final int WARM_UP = 50;
  private static final int STEPS = 50;
  private static final int FEATURES = 8;
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void stepAllocatesNoMoreForWiderLayers() {
    long narrow = bytes(3, 16, false);
    long wide = bytes(3, 512, false);

    assertThat(wide).isCloseTo(narrow, withPercentage(10));
    assertThat(wide).isLessThan(64 << 10);
  }

  @Test
  void zeroingAndUpdateAllocateNoMoreForMoreLayers() {
    long few = bytes(2, 16, true);
    long many = bytes(40, 16, true);

    assertThat(many).isCloseTo(few, withPercentage(10));
    assertThat(many).isLessThan(8 << 10);
  }

  /** Returns the bytes of a step, or of what follows the backward alone. */
  private long bytes(int layers, int units, boolean updateOnly) {
    try (Fabric fabric = Fabric.builder().accelerator("cpu").threads(1).build()) {
      FabricSetup setup =
          fabric.setup(
              mlp(layers, units),
              new Shape(1, FEATURES),
              Adam.builder().learningRate(1e-3).build());
      NDArray data = fabric.manager().ones(new Shape(4, FEATURES));
      NDArray labels = fabric.manager().zeros(new Shape(4), DataType.INT64);
      long sum = 0;
      for (int step = -WARM_UP; step < STEPS; step++) {
        long begin = allocated();
        try (NDManager manager = fabric.manager().newSubManager()) {
          NDArray batch = data.duplicate();
          batch.attach(manager);
          NDList outputs = setup.block().forward(new NDList(batch));
          fabric.backward(LOSS.evaluate(new NDList(labels), outputs));
        }
        begin = updateOnly ? allocated() : begin;
        setup.optimizer().step();
        setup.optimizer().zeroGrad();
        sum += step < 0 ? 0 : allocated() - begin;
      }
      return sum / STEPS;
    }
  }

  private long allocated() {
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static Block mlp(int layers, int units) {
    SequentialBlock block = new SequentialBlock();
    for (int layer = 0; layer < layers; layer++) {
      block.add(Linear.builder().setUnits(units).build());
    }
    return block;
  }
}
