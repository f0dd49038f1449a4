package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Launch;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.GradMode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DifferentiableCollectivesTest {
  private interface Body {
    void run(DifferentiableCollectives collectives, NDArray input, int rank);
  }

  /** The input is (rank + 1, 2) and requires a gradient. */
  private static void onRanks(int ranks, Body body) {
    Launch.onRanks(
        ranks,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager();
              DifferentiableCollectives collectives =
                  new DifferentiableCollectives(fabric.processGroup());
              GradMode mode = GradMode.enabled()) {
            NDArray input = manager.create(new float[] {fabric.globalRank() + 1, 2});
            input.setRequiresGradient(true);
            body.run(collectives, input, fabric.globalRank());
          }
          return null;
        });
  }

  /** Loss of rank r: sum over i of (r + 1) * s_i^2, of s the sum of the ranks' inputs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void gradientOfASumIsSummedOverRanks(int ranks) {
    onRanks(
        ranks,
        (collectives, input, rank) -> {
          NDArray sum = collectives.allReduceSum(input);
          int total = ranks * (ranks + 1) / 2;
          assertThat(sum.toFloatArray()).containsExactly(total, 2 * ranks);
          System.gc();
          Autograd.backward(sum.square().sum(), rank + 1);
          collectives.throwFailure();
          assertThat(input.getGradient().toFloatArray())
              .containsExactly(2f * total * total, 4f * ranks * total);
        });
  }

  /** Loss of rank r: sum over ranks q of (r + 1) * (q + 1) * x_q. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void gradientOfAGatherComesBackToItsRank(int ranks) {
    onRanks(
        ranks,
        (collectives, input, rank) -> {
          NDArray all = collectives.allGather(input.add(0));
          assertThat(all.getShape()).isEqualTo(new Shape(ranks, 2));
          assertThat(all.get(ranks - 1).toFloatArray()).containsExactly(ranks, 2);
          NDArray factors =
              input.getManager().arange(1f, ranks + 1f).reshape(ranks, 1).mul(rank + 1);
          Autograd.backward(all.mul(factors).sum(), 1);
          collectives.throwFailure();
          float expected = (rank + 1f) * ranks * (ranks + 1) / 2;
          assertThat(input.getGradient().toFloatArray()).containsExactly(expected, expected);
        });
  }

  @Test
  void transposedInputsKeepTheirShape() {
    onRanks(
        2,
        (collectives, input, rank) -> {
          NDArray matrix = input.getManager().create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
          assertThat(collectives.allReduceSum(matrix.transpose()).toFloatArray())
              .containsExactly(2, 6, 4, 8);
        });
  }

  @Test
  void failureInBackwardIsThrownAfterwards() {
    Launch.onRanks(
        1,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager();
              ProcessGroup group = fabric.processGroup().subgroup(List.of(0)).orElseThrow();
              DifferentiableCollectives collectives = new DifferentiableCollectives(group);
              GradMode mode = GradMode.enabled()) {
            NDArray input = manager.create(new float[] {1, 2});
            input.setRequiresGradient(true);
            NDArray sum = collectives.allReduceSum(input);
            group.abort(new IllegalStateException("stop"));
            Autograd.backward(sum.sum(), 1);
            assertThatThrownBy(collectives::throwFailure)
                .isInstanceOf(ProcessGroupException.class)
                .hasMessageContaining("stop");
            assertThatThrownBy(() -> collectives.allGather(input))
                .isInstanceOf(ProcessGroupException.class);
          }
          return null;
        });
  }
}
