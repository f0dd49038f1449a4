package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.ResumeRank.Mode;
import java.nio.ByteBuffer;
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
  private static final int TAKEN =
      ResumeRank.SAVED_EPOCH * ResumeRank.STEPS + ResumeRank.SAVED_STEP;
  private static final int ALL = ResumeRank.EPOCHS * ResumeRank.STEPS;

  @TempDir private Path folder;

  /** Returns the bits of the losses of each rank. */
  private List<List<Integer>> losses(int ranks, Mode mode, String checkpoint) throws Exception {
    String path = folder.resolve(checkpoint).toString();
    List<List<Integer>> losses = new ArrayList<>();
    for (byte[] result :
        RankProcesses.results(
            folder.resolve(mode + checkpoint), ranks, ResumeRank.class, mode.name(), path)) {
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
    List<List<Integer>> whole = losses(ranks, Mode.WHOLE, "none");
    assertThat(whole).doesNotHaveDuplicates().allSatisfy(rank -> assertThat(rank).hasSize(ALL));
    for (Mode mode : List.of(Mode.SAVE, Mode.SAVE_ASYNC)) {
      String path = mode + ".safetensors";
      List<List<Integer>> interrupted = losses(ranks, mode, path);
      List<List<Integer>> resumed = losses(ranks, Mode.RESUME, path);
      for (int rank = 0; rank < ranks; rank++) {
        assertThat(interrupted.get(rank))
            .isEqualTo(whole.get(rank).subList(0, TAKEN + ResumeRank.STEPS_AFTER_SAVE));
        assertThat(resumed.get(rank)).isEqualTo(whole.get(rank).subList(TAKEN, ALL));
      }
    }
  }

  @Test
  void needsTheRandomState() throws Exception {
    List<Integer> whole = losses(1, Mode.WHOLE, "none").get(0);
    losses(1, Mode.SAVE, "a");
    assertThat(losses(1, Mode.RESUME_WITHOUT_RANDOM_STATE, "a").get(0))
        .hasSize(ALL - TAKEN)
        .isNotEqualTo(whole.subList(TAKEN, ALL));
  }
}
