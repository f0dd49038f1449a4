package io.fabric4j;

import ai.djl.ndarray.NDArray;
import io.fabric4j.internal.distributed.Transport;
import io.fabric4j.internal.torch.TorchGenerator;
import io.fabric4j.optim.AdamW;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** One rank of {@link ResumeIT} in a JVM of its own: three epochs, or a part of them. */
final class ResumeRank {
  static final int EPOCHS = 3;
  static final int SAVED_EPOCH = 1;
  static final int SAVED_STEP = 37;

  /** How many steps a run that saves goes on before it ends. */
  static final int STEPS_AFTER_SAVE = 4;

  private static final int ROWS = 1200;
  private static final int BATCH_SIZE = 8;

  /** Which part of the training a process does. */
  enum Mode {
    WHOLE,
    SAVE,
    SAVE_ASYNC,
    RESUME,
    RESUME_WITHOUT_RANDOM_STATE
  }

  /** Returns the number of steps of an epoch, and with it of losses. */
  static int steps(int ranks) {
    return ROWS / BATCH_SIZE / ranks;
  }

  private final Fabric fabric;
  private final Mode mode;
  private final String path;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream losses = new DataOutputStream(bytes);

  private ResumeRank(Fabric fabric, Mode mode, String path) {
    this.fabric = fabric;
    this.mode = mode;
    this.path = path;
  }

  /** Arguments: folder, rank, ranks, mode, path of the checkpoint. The result is the losses. */
  public static void main(String[] args) throws Exception {
    Mode mode = Mode.valueOf(args[3]);
    RankProcesses.run(
        args, Transport.SHARED_MEMORY, fabric -> new ResumeRank(fabric, mode, args[4]).train());
  }

  private byte[] train() throws IOException {
    boolean resume = mode == Mode.RESUME || mode == Mode.RESUME_WITHOUT_RANDOM_STATE;
    fabric.seedEverything(3);
    FabricSetup setup =
        fabric.setup(SineRegression.block(0.3f), SineRegression.INPUT, AdamW.builder().build());
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(new NumberedRows(0, ROWS)).batchSize(BATCH_SIZE).shuffle(true));
    TorchGenerator.seed((resume ? 1000 : 100) + fabric.globalRank());
    Map<String, Object> state = new HashMap<>();
    state.put("model", setup.block());
    state.put("optimizer", setup.optimizer());
    state.put("loader", loader);
    if (mode != Mode.RESUME_WITHOUT_RANDOM_STATE) {
      state.put(
          "random", new RandomState(fabric.processGroup(), fabric.device(), fabric.manager()));
    }
    if (resume) {
      fabric.load(path, state);
    }
    while (loader.epoch() < EPOCHS && epoch(setup, loader, state)) {}
    return bytes.toByteArray();
  }

  /** Returns false if training ends with this epoch. */
  private boolean epoch(FabricSetup setup, FabricDataLoader loader, Map<String, Object> state)
      throws IOException {
    long epoch = loader.epoch();
    for (FabricBatch batch : loader) {
      step(setup, batch);
      long step = batch.getProgress() / BATCH_SIZE;
      if (epoch == SAVED_EPOCH && step == SAVED_STEP) {
        save(state);
      }
      if (saves() && epoch == SAVED_EPOCH && step == SAVED_STEP + STEPS_AFTER_SAVE) {
        return false;
      }
    }
    return true;
  }

  private boolean saves() {
    return mode == Mode.SAVE || mode == Mode.SAVE_ASYNC;
  }

  private void save(Map<String, Object> state) throws IOException {
    if (mode == Mode.SAVE) {
      fabric.save(path, state);
    } else if (mode == Mode.SAVE_ASYNC) {
      fabric.saveAsync(path, state);
    }
  }

  private void step(FabricSetup setup, FabricBatch batch) throws IOException {
    NDArray loss = SineRegression.step(fabric, setup, batch);
    losses.writeFloat(loss.toFloatArray()[0]);
  }
}
