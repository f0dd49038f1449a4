package io.fabric4j.strategies;

import static io.fabric4j.ParameterVector.distance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fabric4j.Fabric;
import io.fabric4j.Launch;
import io.fabric4j.optim.GradientClipping;
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

  private static void checkEqualsDDP(String strategy, int ranks, Step step) {
    Result expected = run(DDP, ranks, step).get(0);
    for (Result result : run(strategy, ranks, step)) {
      assertThat(distance(result.parameters(), expected.parameters()))
          .as("distance of the parameters")
          .isLessThanOrEqualTo(TOLERANCE);
      assertThat(result.norms()).hasSameSizeAs(expected.norms());
      for (int i = 0; i < expected.norms().size(); i++) {
        double norm = expected.norms().get(i);
        assertThat(result.norms().get(i))
            .as("norm of step %d", i)
            .isCloseTo(norm, within(TOLERANCE * norm));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "zero_stage_1,1", "zero_stage_1,2", "zero_stage_1,3", "zero_stage_1,4",
    "zero_stage_2,1", "zero_stage_2,2", "zero_stage_2,3", "zero_stage_2,4"
  })
  void trainsAsDDP(String strategy, int ranks) {
    checkEqualsDDP(strategy, ranks, Step.PLAIN);
  }

  @ParameterizedTest
  @CsvSource({"zero_stage_1,3", "zero_stage_2,2", "zero_stage_2,3"})
  void clipsAsDDP(String strategy, int ranks) {
    checkEqualsDDP(strategy, ranks, new Step(1, GradientClipping.byNorm(0.05)));
  }

  @ParameterizedTest
  @CsvSource({"zero_stage_1,3", "zero_stage_2,2", "zero_stage_2,3"})
  void accumulatesAsDDP(String strategy, int ranks) {
    checkEqualsDDP(strategy, ranks, new Step(5, GradientClipping.byNorm(0.05)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zero_stage_1", "zero_stage_2"})
  void keepsAShareOfTheOptimizerState(String strategy) {
    long whole = run(DDP, 1, Step.PLAIN).get(0).stateBytes();
    for (int ranks = 1; ranks <= 4; ranks++) {
      for (Result result : run(strategy, ranks, Step.PLAIN)) {
        assertThat(result.stateBytes())
            .as("bytes on one of %d ranks, whole %d", ranks, whole)
            .isBetween(whole / ranks, whole / ranks + ShardedTraining.MAX_PADDING_BYTES);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "zero_stage_1,2,zero_stage_2", "zero_stage_1,1,zero_stage_1", "zero_stage_1,2,ddp",
    "zero_stage_2,2,zero_stage_2", "zero_stage_2,1,zero_stage_1", "zero_stage_2,1,ddp",
    "zero_stage_2,3,ddp", "ddp,3,zero_stage_2"
  })
  void checkpointOfThreeRanksContinuesElsewhere(String before, int ranks, String after) {
    String path = folder.resolve("checkpoint").toString();
    Launch.onRanks(
        Fabric.builder().strategy(before).devices(3),
        fabric -> {
          ShardedTraining training = new ShardedTraining(fabric, Step.PLAIN);
          training.run(0, 2);
          fabric.save(path, training.state());
          return true;
        });
    List<float[]> continued =
        Launch.onRanks(
            Fabric.builder().strategy(after).devices(ranks),
            fabric -> {
              ShardedTraining training = new ShardedTraining(fabric, Step.PLAIN);
              fabric.load(path, training.state());
              training.run(2, EPOCHS);
              return training.parameters();
            });
    float[] expected = run(DDP, 3, Step.PLAIN).get(0).parameters();
    for (float[] parameters : continued) {
      assertThat(distance(parameters, expected)).isLessThanOrEqualTo(TOLERANCE);
    }
  }
}
