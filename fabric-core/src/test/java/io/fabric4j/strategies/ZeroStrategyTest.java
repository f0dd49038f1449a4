package io.fabric4j.strategies;

import static io.fabric4j.ParameterVector.distance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fabric4j.Fabric;
import io.fabric4j.Launch;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.strategies.ShardedTraining.Accumulation;
import io.fabric4j.strategies.ShardedTraining.Step;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sharded optimizer state changes where state lives, not what is trained. */
@Timeout(120)
class ZeroStrategyTest {
  private static final double TOLERANCE = 1e-6;
  private static final int EPOCHS = 5;
  private static final String DDP = "ddp";

  @TempDir private Path folder;

  /** What a rank has after training. */
  private record Result(float[] parameters, long stateBytes, ArrayList<Double> norms)
      implements Serializable {}

  private static List<Result> run(String strategy, int ranks, Step step) {
    return Launch.onRanks(
        Fabric.builder().strategy(strategy).devices(ranks),
        fabric -> {
          ShardedTraining training = new ShardedTraining(fabric, step);
          training.run(0, EPOCHS);
          return new Result(
              training.parameters(), training.optimizer().stateBytes(), training.norms());
        });
  }

  private static void checkEqualsDDP(String strategy, int ranks, Step step, double tolerance) {
    Result expected = run(DDP, ranks, step).get(0);
    for (Result result : run(strategy, ranks, step)) {
      assertThat(distance(result.parameters(), expected.parameters()))
          .as("distance of the parameters")
          .isLessThanOrEqualTo(tolerance);
      assertThat(result.norms()).hasSameSizeAs(expected.norms());
      for (int i = 0; i < expected.norms().size(); i++) {
        double norm = expected.norms().get(i);
        assertThat(result.norms().get(i))
            .as("norm of step %d", i)
            .isCloseTo(norm, within(tolerance * norm));
      }
      assertThat(result.stateBytes())
          .as("bytes of state, of %d", expected.stateBytes())
          .isBetween(
              expected.stateBytes() / ranks,
              expected.stateBytes() / ranks + ShardedTraining.MAX_PADDING_BYTES);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "zero_stage_1,1", "zero_stage_1,2", "zero_stage_1,3", "zero_stage_1,4",
    "zero_stage_2,1", "zero_stage_2,2", "zero_stage_2,3", "zero_stage_2,4"
  })
  void trainsBitEquallyToDDPWithAShareOfTheState(String strategy, int ranks) {
    checkEqualsDDP(strategy, ranks, Step.PLAIN, 0);
  }

  /** Ranks add up the norm in slices, so that it is rounded differently. */
  @ParameterizedTest
  @CsvSource({
    "zero_stage_1,3,1,LOCAL",
    "zero_stage_2,2,1,LOCAL",
    "zero_stage_1,2,5,LOCAL",
    "zero_stage_2,3,5,LOCAL",
    "zero_stage_1,2,5,SYNCHRONIZED",
    "zero_stage_2,3,5,SYNCHRONIZED"
  })
  void clipsAndAccumulatesAsDDP(String strategy, int ranks, int window, Accumulation accumulation) {
    Step step = new Step(window, accumulation, GradientClipping.byNorm(0.05));
    checkEqualsDDP(strategy, ranks, step, TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zero_stage_1", "zero_stage_2"})
  void leavesFrozenAndUnusedParametersAlone(String strategy) {
    Launch.onRanks(
        Fabric.builder().strategy(strategy).devices(2),
        fabric -> {
          ShardedTraining training = new ShardedTraining(fabric, Step.PLAIN);
          float[] before = training.parameters();
          float[] alone = training.notTrained();
          training.run(0, 1);
          assertThat(training.notTrained()).isEqualTo(alone);
          assertThat(distance(training.parameters(), before)).isGreaterThan(0.01);
          return true;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"zero_stage_1", "zero_stage_2"})
  void checkpointOfThreeRanksContinuesElsewhere(String strategy) {
    String path = folder.resolve("checkpoint").toString();
    Launch.onRanks(
        Fabric.builder().strategy(strategy).devices(3),
        fabric -> {
          ShardedTraining training = new ShardedTraining(fabric, Step.PLAIN);
          training.run(0, 2);
          fabric.save(path, training.state());
          return true;
        });
    float[] uninterrupted = run(DDP, 3, Step.PLAIN).get(0).parameters();
    assertThat(distance(resume(path, DDP, 3), uninterrupted)).isZero();
    assertThat(distance(resume(path, strategy, 2), uninterrupted)).isLessThan(TOLERANCE);
    assertThat(distance(resume(path, strategy, 1), uninterrupted)).isLessThan(TOLERANCE);
    assertThat(distance(resume(path, DDP, 2), uninterrupted)).isLessThan(TOLERANCE);
    assertThat(distance(resume(path, DDP, 1), uninterrupted)).isLessThan(TOLERANCE);
  }

  private static float[] resume(String path, String strategy, int ranks) {
    List<float[]> results =
        Launch.onRanks(
            Fabric.builder().strategy(strategy).devices(ranks),
            fabric -> {
              ShardedTraining training = new ShardedTraining(fabric, Step.PLAIN);
              fabric.load(path, training.state());
              training.run(2, EPOCHS);
              return training.parameters();
            });
    assertThat(results).containsOnly(results.get(0));
    return results.get(0);
  }
}
