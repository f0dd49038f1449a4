package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.ResumeRank.Mode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model with dropout on shuffled rows, one process per rank: after a restart in the middle of an
 * epoch the losses have the bits of a run that was never interrupted.
 */
@Timeout(300)
class ResumeIT {
  @TempDir private Path folder;
  private int calls;

  private static int all(int ranks) {
    return ResumeRank.EPOCHS * ResumeRank.steps(ranks);
  }

  /** Returns how many steps were taken when the state was saved. */
  private static int taken(int ranks) {
    return ResumeRank.SAVED_EPOCH * ResumeRank.steps(ranks) + ResumeRank.SAVED_STEP;
  }

  /** Returns the bits of the losses of each rank. */
  private List<List<Integer>> losses(int ranks, Mode mode, String checkpoint) throws Exception {
    String path = folder.resolve(checkpoint).toString();
    List<List<Integer>> losses = new ArrayList<>();
    for (byte[] result :
        RankProcesses.results(
            folder.resolve("call-" + calls++), ranks, ResumeRank.class, mode.name(), path)) {
      List<Integer> bits = new ArrayList<>();
      ByteBuffer buffer = ByteBuffer.wrap(result);
      while (buffer.hasRemaining()) {
        bits.add(buffer.getInt());
      }
      losses.add(bits);
    }
    return losses;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void continuesWithTheSameBits(int ranks) throws Exception {
    int taken = taken(ranks);
    List<List<Integer>> whole = losses(ranks, Mode.WHOLE, "none");
    assertThat(whole)
        .doesNotHaveDuplicates()
        .allSatisfy(rank -> assertThat(rank).hasSize(all(ranks)));
    for (Mode mode : List.of(Mode.SAVE, Mode.SAVE_ASYNC)) {
      String path = mode + ".safetensors";
      List<List<Integer>> interrupted = losses(ranks, mode, path);
      List<List<Integer>> resumed = losses(ranks, Mode.RESUME, path);
      for (int rank = 0; rank < ranks; rank++) {
        assertThat(interrupted.get(rank))
            .isEqualTo(whole.get(rank).subList(0, taken + ResumeRank.STEPS_AFTER_SAVE));
        assertThat(resumed.get(rank)).isEqualTo(whole.get(rank).subList(taken, all(ranks)));
      }
    }
  }

  @Test
  void needsTheRandomState() throws Exception {
    List<Integer> whole = losses(1, Mode.WHOLE, "none").get(0);
    losses(1, Mode.SAVE, "a");
    assertThat(losses(1, Mode.RESUME_WITHOUT_RANDOM_STATE, "a").get(0))
        .hasSize(all(1) - taken(1))
        .isNotEqualTo(whole.subList(taken(1), all(1)));
  }

  /** 37 steps of 3 ranks are 888 rows, of which 55 steps of 2 ranks take 880. */
  @Test
  void continuesWithAnotherWorldSizeAndWarns() throws Exception {
    losses(3, Mode.SAVE, "a");
    List<List<Integer>> resumed = losses(2, Mode.RESUME, "a");
    assertThat(resumed)
        .doesNotHaveDuplicates()
        .allSatisfy(rank -> assertThat(rank).hasSize(2 * ResumeRank.steps(2) - 55));
    for (int rank = 0; rank < 2; rank++) {
      assertThat(Files.readString(folder.resolve("call-1").resolve("log-" + rank)))
          .contains("epoch 1 goes on after 880 of the 888 rows consumed")
          .contains("The random state was saved by 3 ranks and is loaded by 2");
    }
    assertThat(losses(2, Mode.RESUME, "a")).isEqualTo(resumed);
  }
}
