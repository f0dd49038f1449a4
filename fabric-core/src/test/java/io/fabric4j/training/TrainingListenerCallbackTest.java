package io.fabric4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingResult;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.EpochTrainingListener;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.LoggingTrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricSetup;
import io.fabric4j.Launch;
import io.fabric4j.internal.callbacks.CallbackDispatcher;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingListenerCallbackTest {
  private final Loss loss = Loss.l2Loss();
  private double sumOfLosses;

  @Test
  void runsListenersThroughTheHooksOfALoop() {
    EpochTrainingListener epochs = new EpochTrainingListener();
    TrainingListenerCallback callback =
        new TrainingListenerCallback(
                Loss.l2Loss(),
                epochs,
                new EvaluatorTrainingListener(1),
                new LoggingTrainingListener())
            .addEvaluator(new Accuracy());
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = train(fabric, callback, 4);
      Trainer trainer = callback.trainer();
      assertThat(trainer.getModel().getBlock()).isSameAs(setup.block().unwrap());
      assertThat(setup.block().evaluate(fabric.manager().zeros(new Shape(1, 1))).getFloat())
          .isFinite();
      assertThat(epochs.getNumEpochs()).isEqualTo(2);
      assertThat(trainer.getModel().getProperty("Epoch")).isEqualTo("2");
      TrainingResult result = trainer.getTrainingResult();
      assertThat(result.getEpoch()).isEqualTo(2);
      assertThat(result.getTrainLoss()).isCloseTo((float) (sumOfLosses / 2), within(1e-5f));
      assertThat(result.getValidateLoss()).isFinite();
      Metrics metrics = trainer.getMetrics();
      assertThat(metrics.getMetric("train")).hasSize(4);
      assertThat(metrics.getMetric("epoch")).hasSize(2);
      assertThat(metrics.getMetricNames()).contains("train_epoch_L2Loss", "train_epoch_Accuracy");
    }
  }

  /** Trains two epochs of batches of two rows, validating after each, and calls all hooks. */
  private FabricSetup train(Fabric fabric, TrainingListenerCallback callback, int rows) {
    CallbackDispatcher hooks = new CallbackDispatcher(List.of(callback));
    Linear linear = Linear.builder().setUnits(1).build();
    FabricSetup setup = fabric.setup(linear, new Shape(1, 1), SGD.builder().build());
    FabricDataLoader loader = ShardedRows.loader(fabric, rows);
    hooks.call("onAfterSetup", fabric, setup.block());
    hooks.call("onTrainingBegin");
    for (int epoch = 0; epoch < 2; epoch++) {
      sumOfLosses = 0;
      for (FabricBatch batch : loader) {
        setup.optimizer().zeroGrad();
        NDList predictions = setup.block().forward(batch.getData());
        NDArray value = loss.evaluate(batch.getLabels(), predictions);
        fabric.backward(value);
        setup.optimizer().step();
        sumOfLosses += value.getFloat();
        hooks.callWithKeywords(
            "onTrainingBatch", Map.of("batch", batch, "predictions", predictions, "loss", value));
      }
      for (FabricBatch batch : loader) {
        hooks.call("onValidationBatch", batch, setup.block().evaluate(batch.getData()));
      }
      hooks.call("onEpoch");
    }
    hooks.call("onTrainingEnd");
    return setup;
  }

  @Test
  void leavesFillersOut() {
    List<ArrayList<Long>> sizes =
        Launch.onRanks(
            2,
            rank -> {
              ArrayList<Long> seen = new ArrayList<>();
              TrainingListenerAdapter listener =
                  new TrainingListenerAdapter() {
                    @Override
                    public void onTrainingBatch(Trainer trainer, BatchData data) {
                      seen.add(data.getPredictions().get(rank.device()).head().size(0));
                    }
                  };
              new TrainingListenerCallbackTest()
                  .train(
                      rank,
                      new TrainingListenerCallback(Loss.l2Loss(), listener),
                      rank.isGlobalZero() ? 4 : 2);
              return seen;
            });
    assertThat(sizes).containsExactly(list(2, 2, 2, 2), list(2, 2));
  }

  @Test
  void rejectsHooksAtTheWrongMoment() {
    TrainingListenerCallback callback = new TrainingListenerCallback(loss);
    assertThatThrownBy(callback::onTrainingBegin)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Training begins, but no block has been set up: listeners need one. Register this"
                + " callback with the Fabric, and call fabric.setup first.");
    assertThatThrownBy(callback::trainer)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "trainer was called before training began. Call the hook onTrainingBegin first.");
    try (Fabric fabric = Fabric.builder().build()) {
      Linear linear = Linear.builder().setUnits(1).build();
      FabricSetup setup = fabric.setup(linear, new Shape(1, 1), SGD.builder().build());
      callback.onAfterSetup(fabric, setup.block());
      callback.onTrainingBegin();
      assertThatThrownBy(callback::onTrainingBegin)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Training has begun already. Call the hook onTrainingEnd before the next"
                  + " onTrainingBegin.");
      callback.onTrainingEnd();
      assertThatThrownBy(callback::onEpoch)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("onEpoch was called before training began.");
    }
  }

  private static ArrayList<Long> list(long... values) {
    ArrayList<Long> list = new ArrayList<>();
    for (long value : values) {
      list.add(value);
    }
    return list;
  }
}
