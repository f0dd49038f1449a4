package io.fabric4j.spark.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.FabricFunction;
import io.fabric4j.FabricRun;
import io.fabric4j.RankRunner;
import io.fabric4j.RunOptions;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** A run whose state is the number of its steps, as a value and in each element of an array. */
final class CountingRun {
  private static final String STEP = "step";
  private static final String ARRAY = "array";

  private CountingRun() {}

  /** What happens after a step. */
  interface AfterStep {
    void run(long step) throws Exception;
  }

  /** Runs a function as the only rank, on a storage. */
  static <R> R onStorage(CheckpointIO io, RunOptions options, FabricFunction<R> function)
      throws Exception {
    return RankRunner.run(
        options == null ? Fabric.builder().options() : Fabric.builder().run(options).options(),
        RankInfo.single(),
        new SingleProcessGroup(),
        io,
        line -> {},
        function);
  }

  /** Resumes a run, takes it to a step, and returns the step that it went on from. */
  static long run(CheckpointIO io, RunOptions options, long steps, AfterStep afterStep)
      throws Exception {
    return onStorage(io, options, fabric -> count(fabric, steps, afterStep));
  }

  private static long count(Fabric fabric, long steps, AfterStep afterStep) throws Exception {
    try (NDArray array = fabric.manager().zeros(new Shape(1000))) {
      Map<String, Object> state = new HashMap<>(Map.of(ARRAY, array, STEP, 0L));
      FabricRun run = fabric.resume(state);
      long first = check(state);
      assertThat(run.step()).isEqualTo(first);
      for (int epoch : run.epochs(1)) {
        assertThat(epoch).isZero();
        while (run.step() < steps) {
          array.addi(1);
          state.put(STEP, run.step() + 1);
          run.stepDone();
          afterStep.run(run.step());
        }
      }
      return first;
    }
  }

  /** Returns the step of the newest checkpoint that a reader finds. */
  static long newest(Fabric fabric, String folder) throws IOException {
    Map<String, Object> state = fabric.loadNewest(folder, Map.of());
    try (NDArray array = (NDArray) state.get(ARRAY)) {
      return check(state);
    }
  }

  private static long check(Map<String, Object> state) {
    long step = (long) state.get(STEP);
    assertThat(((NDArray) state.get(ARRAY)).toFloatArray()).containsOnly(step);
    return step;
  }
}
