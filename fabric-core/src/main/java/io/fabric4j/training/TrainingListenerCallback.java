package io.fabric4j.training;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDList;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricBlock;
import io.fabric4j.callbacks.Callback;
import io.fabric4j.internal.torch.GradMode;
import java.util.Map;

/**
 * Runs DJL's training listeners as a callback of Fabric. The loop calls the methods of this class
 * as hooks, by name; the listeners get a DJL {@link Trainer} over the block that was set up first,
 * with the loss, the evaluators, and metrics of its own.
 *
 * <p>The trainer is there to be read: Fabric's optimizer and collectives do not know it, so that
 * its {@code step} must not be called. A listener sees the rows of its rank alone: pass one that
 * logs on rank 0 only, and one that ends training on what it sees, as EarlyStoppingListener does,
 * on a single rank only, since the other ranks would wait for the one that ended. Use one callback
 * per rank, on the rank's thread.
 */
public final class TrainingListenerCallback implements Callback {
  private final DefaultTrainingConfig config;
  private Device device;
  private FabricBlock block;
  private Model model;
  private Trainer trainer;
  private long lastHookNanos;

  /**
   * Creates a callback for listeners, which are called in this order.
   *
   * @param loss what DJL's listeners report as the loss
   */
  public TrainingListenerCallback(Loss loss, TrainingListener... listeners) {
    config = new DefaultTrainingConfig(requireNonNull(loss, "loss is null"));
    config.addTrainingListeners(listeners);
  }

  /** Adds an evaluator that listeners report beside the loss; call it before training begins. */
  public TrainingListenerCallback addEvaluator(Evaluator evaluator) {
    config.addEvaluator(requireNonNull(evaluator, "evaluator is null"));
    return this;
  }

  /** Takes the block that is set up first as the trainer's. */
  @Override
  public void onAfterSetup(Fabric fabric, FabricBlock block) {
    if (this.block == null) {
      this.block = block;
      device = fabric.device();
    }
  }

  /**
   * Creates the trainer and tells the listeners that training begins.
   *
   * @throws IllegalStateException if no block has been set up, or training has begun
   */
  public void onTrainingBegin() {
    if (block == null) {
      throw new IllegalStateException(
          "Training begins, but no block has been set up: listeners need one. Register this"
              + " callback with the Fabric, and call fabric.setup first.");
    }
    if (model != null) {
      throw new IllegalStateException(
          "Training has begun already. Call the hook onTrainingEnd before the next onTrainingBegin.");
    }
    config.optDevices(new Device[] {device});
    model = Model.newInstance("fabric", device, "PyTorch");
    model.setBlock(block.unwrap());
    trainer = model.newTrainer(config);
    trainer.setMetrics(new Metrics());
    lastHookNanos = System.nanoTime();
  }

  /**
   * Tells the listeners about a batch after its step, and adds the time since the last hook to the
   * metric {@code train}. A filler is left out.
   *
   * @param predictions the block's outputs for the batch
   * @throws IllegalStateException if training has not begun
   */
  public void onTrainingBatch(FabricBatch batch, NDList predictions) {
    begun("onTrainingBatch").addMetric("train", lastHookNanos);
    notifyListeners(batch, predictions, TrainingListener::onTrainingBatch);
  }

  /**
   * Tells the listeners about a batch of the validation; a filler is left out.
   *
   * @param predictions the block's outputs for the batch
   * @throws IllegalStateException if training has not begun
   */
  public void onValidationBatch(FabricBatch batch, NDList predictions) {
    begun("onValidationBatch");
    notifyListeners(batch, predictions, TrainingListener::onValidationBatch);
  }

  /**
   * Tells the listeners that an epoch, with its validation, has ended.
   *
   * @throws IllegalStateException if training has not begun
   */
  public void onEpoch() {
    Trainer listened = begun("onEpoch");
    listened.notifyListeners(listener -> listener.onEpoch(listened));
    lastHookNanos = System.nanoTime();
  }

  /**
   * Tells the listeners that training has ended, and closes the trainer; the block stays open.
   *
   * @throws IllegalStateException if training has not begun
   */
  public void onTrainingEnd() {
    Trainer ended = begun("onTrainingEnd");
    try (Model closed = model) {
      model = null;
      ended.close();
    }
  }

  /**
   * Returns the trainer that the listeners get, the last one once training has ended: for its
   * metrics, {@code getTrainingResult()} and the model's properties.
   *
   * @throws IllegalStateException if training has never begun
   */
  public Trainer trainer() {
    return checked("trainer", trainer);
  }

  private Trainer begun(String hook) {
    return checked(hook, model == null ? null : trainer);
  }

  private static Trainer checked(String caller, Trainer trainer) {
    if (trainer == null) {
      throw new IllegalStateException(
          caller + " was called before training began. Call the hook onTrainingBegin first.");
    }
    return trainer;
  }

  private void notifyListeners(FabricBatch batch, NDList predictions, BatchHook hook) {
    if (!batch.isFiller()) {
      BatchData data =
          new BatchData(batch, Map.of(device, batch.getLabels()), Map.of(device, predictions));
      try (GradMode mode = GradMode.disabled()) {
        trainer.notifyListeners(listener -> hook.call(listener, trainer, data));
      }
    }
    lastHookNanos = System.nanoTime();
  }

  @FunctionalInterface
  private interface BatchHook {
    void call(TrainingListener listener, Trainer trainer, BatchData data);
  }
}
