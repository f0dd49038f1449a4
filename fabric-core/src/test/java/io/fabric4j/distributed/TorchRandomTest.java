package io.fabric4j.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TorchRandomTest {

  /** {@code torch.randperm(10, generator=torch.Generator().manual_seed(seed))}. */
  @ParameterizedTest
  @CsvSource({
    "0, 4 1 7 5 3 9 0 8 6 2",
    "1, 5 6 1 2 0 8 9 3 7 4",
    "42, 2 6 1 8 4 5 0 9 3 7",
    "4294967295, 1 4 6 2 0 5 8 7 9 3",
    "4294967296, 4 1 7 5 3 9 0 8 6 2",
    "4294967297, 5 6 1 2 0 8 9 3 7 4",
    "-1, 1 4 6 2 0 5 8 7 9 3",
    "-9223372036854775808, 4 1 7 5 3 9 0 8 6 2",
  })
  void seedsWithTheLowBitsLikeTorch(long seed, String expected) {
    assertThat(new TorchRandom(seed).permutation(10)).containsExactly(numbers(expected));
  }

  /**
   * Full-range 64-bit draws are PyTorch's:
   *
   * <pre>{@code
   * draws = torch.empty(10, dtype=torch.int64).random_(
   *     -(2**63), None, generator=torch.Generator().manual_seed(42))
   * order = [0] * 10
   * for i, draw in enumerate(draws.tolist()):
   *     other = draw % 2**64 % (i + 1)
   *     order[i] = order[other]
   *     order[other] = i
   * }</pre>
   */
  @Test
  void shufflesWithLongDraws() {
    assertThat(new TorchRandom(42).shuffledWithLongDraws(10))
        .containsExactly(6, 0, 5, 8, 7, 2, 3, 1, 9, 4);
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
