package io.fabric4j;

import ai.djl.ndarray.NDArray;
import io.fabric4j.optim.AdamW;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A training of four epochs that resumes its run; a death is an exception or worse. */
final class RunTraining {
  static final int EPOCHS = 4;
  static final int BATCH_SIZE = 5;

  private final Fabric fabric;
  private final int rows;
  private final float dropout;

  /** What happens after a step; may throw. */
  interface AfterStep {
    void run(FabricRun run) throws Exception;
  }

  /**
   * @param rows of all ranks
   * @param dropout 0 to need no random numbers
   */
  RunTraining(Fabric fabric, int rows, float dropout) {
    this.fabric = fabric;
    this.rows = rows;
    this.dropout = dropout;
  }

  /** Returns the parameters, and what the loop added up. */
  float[] run(AfterStep afterStep) throws Exception {
    fabric.seedEverything(3);
    FabricSetup setup =
        fabric.setup(SineRegression.block(dropout), SineRegression.INPUT, AdamW.builder().build());
    FabricDataLoader warm = loader(rows / 3, false);
    FabricDataLoader train = loader(rows, true);
    Map<String, Object> state = new HashMap<>();
    state.put("model", setup.block());
    state.put("optimizer", setup.optimizer());
    state.put("sum", 0.0);
    FabricRun run = fabric.resume(state);
    for (int epoch : run.epochs(EPOCHS)) {
      for (FabricBatch batch : run.iterate(warm)) {
        step(setup, batch, state);
        run.stepDone();
        afterStep.run(run);
      }
      for (FabricBatch batch : run.iterate(train)) {
        step(setup, batch, state);
        run.stepDone();
        afterStep.run(run);
      }
      run.metric("epoch", epoch);
    }
    return result(setup, (double) state.get("sum"));
  }

  private FabricDataLoader loader(int size, boolean shuffle) {
    return fabric.setupDataloaders(
        FabricDataLoader.of(new NumberedRows(0, size)).batchSize(BATCH_SIZE).shuffle(shuffle));
  }

  private void step(FabricSetup setup, FabricBatch batch, Map<String, Object> state) {
    NDArray loss = SineRegression.step(fabric, setup, batch);
    state.put("sum", (double) state.get("sum") + fabric.allReduce(loss.getFloat()));
  }

  private static float[] result(FabricSetup setup, double sum) {
    float[] parameters = ParameterVector.values(setup.block().unwrap());
    float[] result = Arrays.copyOf(parameters, parameters.length + 1);
    result[parameters.length] = (float) sum;
    return result;
  }
}
