package io.fabric4j.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Expected rows are PyTorch's: the ranks' lists, separated by slashes, or their CRC-32 where they
 * are long. PyTorch 1.13 and 2.13 print the same with:
 *
 * <pre>{@code
 * import zlib
 * from torch.utils.data import DistributedSampler
 *
 *
 * def epoch_of(size, world, epoch, shuffle, drop_last):
 *     ranks = []
 *     for rank in range(world):
 *         sampler = DistributedSampler(range(size), world, rank, shuffle, 42, drop_last)
 *         sampler.set_epoch(epoch)
 *         ranks.append(" ".join(map(str, sampler)))
 *     text = "/".join(ranks)
 *     return text if size < 10 else "%08x" % zlib.crc32(text.encode())
 *
 *
 * for shuffle in (True, False):
 *     for size in (1, 7, 8, 1000):
 *         for world in range(1, 5):
 *             for epoch in range(3 if shuffle else 1):
 *                 row = [str(size), str(world)] + ([str(epoch)] if shuffle else [])
 *                 row += [epoch_of(size, world, epoch, shuffle, drop) for drop in (False, True)]
 *                 print(" | ".join(row))
 * }</pre>
 */
final class DistributedSamplerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # rows | replicas | epoch | tail filled up | tail dropped
          1 | 1 | 0 | 0 | 0
          1 | 1 | 1 | 0 | 0
          1 | 1 | 2 | 0 | 0
          1 | 2 | 0 | 0/0 | /
          1 | 2 | 1 | 0/0 | /
          1 | 2 | 2 | 0/0 | /
          1 | 3 | 0 | 0/0/0 | //
          1 | 3 | 1 | 0/0/0 | //
          1 | 3 | 2 | 0/0/0 | //
          1 | 4 | 0 | 0/0/0/0 | ///
          1 | 4 | 1 | 0/0/0/0 | ///
          1 | 4 | 2 | 0/0/0/0 | ///
          7 | 1 | 0 | 1 6 3 5 4 0 2 | 1 6 3 5 4 0 2
          7 | 1 | 1 | 3 1 2 4 5 0 6 | 3 1 2 4 5 0 6
          7 | 1 | 2 | 2 6 4 0 3 1 5 | 2 6 4 0 3 1 5
          7 | 2 | 0 | 1 3 4 2/6 5 0 1 | 1 3 4/6 5 0
          7 | 2 | 1 | 3 2 5 6/1 4 0 3 | 3 2 5/1 4 0
          7 | 2 | 2 | 2 4 3 5/6 0 1 2 | 2 4 3/6 0 1
          7 | 3 | 0 | 1 5 2/6 4 1/3 0 6 | 1 5/6 4/3 0
          7 | 3 | 1 | 3 4 6/1 5 3/2 0 1 | 3 4/1 5/2 0
          7 | 3 | 2 | 2 0 5/6 3 2/4 1 6 | 2 0/6 3/4 1
          7 | 4 | 0 | 1 4/6 0/3 2/5 1 | 1/6/3/5
          7 | 4 | 1 | 3 5/1 0/2 6/4 3 | 3/1/2/4
          7 | 4 | 2 | 2 3/6 1/4 5/0 2 | 2/6/4/0
          8 | 1 | 0 | 6 3 0 7 2 1 4 5 | 6 3 0 7 2 1 4 5
          8 | 1 | 1 | 4 5 7 1 3 2 6 0 | 4 5 7 1 3 2 6 0
          8 | 1 | 2 | 4 7 3 2 1 5 6 0 | 4 7 3 2 1 5 6 0
          8 | 2 | 0 | 6 0 2 4/3 7 1 5 | 6 0 2 4/3 7 1 5
          8 | 2 | 1 | 4 7 3 6/5 1 2 0 | 4 7 3 6/5 1 2 0
          8 | 2 | 2 | 4 3 1 6/7 2 5 0 | 4 3 1 6/7 2 5 0
          8 | 3 | 0 | 6 7 4/3 2 5/0 1 6 | 6 7/3 2/0 1
          8 | 3 | 1 | 4 1 6/5 3 0/7 2 4 | 4 1/5 3/7 2
          8 | 3 | 2 | 4 2 6/7 1 0/3 5 4 | 4 2/7 1/3 5
          8 | 4 | 0 | 6 2/3 1/0 4/7 5 | 6 2/3 1/0 4/7 5
          8 | 4 | 1 | 4 3/5 2/7 6/1 0 | 4 3/5 2/7 6/1 0
          8 | 4 | 2 | 4 1/7 5/3 6/2 0 | 4 1/7 5/3 6/2 0
          1000 | 1 | 0 | 2431f70f | 2431f70f
          1000 | 1 | 1 | bf648687 | bf648687
          1000 | 1 | 2 | da6a4ea2 | da6a4ea2
          1000 | 2 | 0 | 817515fd | 817515fd
          1000 | 2 | 1 | 9de94e20 | 9de94e20
          1000 | 2 | 2 | d80c5b85 | d80c5b85
          1000 | 3 | 0 | 11e8f064 | 6d9971bd
          1000 | 3 | 1 | 70d74fe1 | 21ff5de7
          1000 | 3 | 2 | cf727973 | 6d351997
          1000 | 4 | 0 | 7ee8fb79 | 7ee8fb79
          1000 | 4 | 1 | 9ed9a65f | 9ed9a65f
          1000 | 4 | 2 | 4e0d4394 | 4e0d4394
          """)
  void shufflesLikeTorch(long size, int replicas, long epoch, String filled, String dropped) {
    DistributedSampler.Builder sampler =
        DistributedSampler.builder(size).replicas(replicas).seed(42);

    assertThat(rowsOfAllRanks(sampler, replicas, epoch)).isEqualTo(filled);
    assertThat(rowsOfAllRanks(sampler.dropLast(), replicas, epoch)).isEqualTo(dropped);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # rows | replicas | tail filled up | tail dropped
          1 | 1 | 0 | 0
          1 | 2 | 0/0 | /
          1 | 3 | 0/0/0 | //
          1 | 4 | 0/0/0/0 | ///
          7 | 1 | 0 1 2 3 4 5 6 | 0 1 2 3 4 5 6
          7 | 2 | 0 2 4 6/1 3 5 0 | 0 2 4/1 3 5
          7 | 3 | 0 3 6/1 4 0/2 5 1 | 0 3/1 4/2 5
          7 | 4 | 0 4/1 5/2 6/3 0 | 0/1/2/3
          8 | 1 | 0 1 2 3 4 5 6 7 | 0 1 2 3 4 5 6 7
          8 | 2 | 0 2 4 6/1 3 5 7 | 0 2 4 6/1 3 5 7
          8 | 3 | 0 3 6/1 4 7/2 5 0 | 0 3/1 4/2 5
          8 | 4 | 0 4/1 5/2 6/3 7 | 0 4/1 5/2 6/3 7
          1000 | 1 | cb874ebe | cb874ebe
          1000 | 2 | 904f1427 | 904f1427
          1000 | 3 | b01b43d0 | 449b1f7b
          1000 | 4 | ce8117b4 | ce8117b4
          """)
  void keepsTheOrderOfRowsLikeTorch(long size, int replicas, String filled, String dropped) {
    for (long epoch = 0; epoch < 3; epoch++) {
      DistributedSampler.Builder sampler =
          DistributedSampler.builder(size).replicas(replicas).sequential();

      assertThat(rowsOfAllRanks(sampler, replicas, epoch)).isEqualTo(filled);
      assertThat(rowsOfAllRanks(sampler.dropLast(), replicas, epoch)).isEqualTo(dropped);
    }
  }

  @Test
  void defaultsToOneShuffledReplicaWithSeedZero() {
    DistributedSampler sampler = DistributedSampler.builder(10).build();

    assertThat(sampler.indices(0)).containsExactly(4, 1, 7, 5, 3, 9, 0, 8, 6, 2);
  }

  @Test
  void addsTheEpochToTheSeed() {
    DistributedSampler.Builder sampler = DistributedSampler.builder(100);

    assertThat(sampler.seed(5).build().indices(3)).isEqualTo(sampler.seed(8).build().indices(0));
  }

  @Test
  void repeatsTheHeadSeveralTimesForFewRows() {
    DistributedSampler.Builder sampler = DistributedSampler.builder(2).replicas(7).sequential();

    assertThat(rowsOfAllRanks(sampler, 7, 0)).isEqualTo("0/1/0/1/0/1/0");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void givesAnEmptyEpochForNoRows(int replicas) {
    DistributedSampler.Builder empty = DistributedSampler.builder(0).replicas(replicas);

    assertThat(empty.build().length()).isZero();
    assertThat(empty.build().indices(0)).isEmpty();
    assertThat(empty.dropLast().build().indices(0)).isEmpty();
    assertThat(empty.sequential().build().indices(0)).isEmpty();
  }

  @Test
  void countsRowsBeyondTheRangeOfInt() {
    DistributedSampler.Builder large =
        DistributedSampler.builder(10_000_000_001L).replicas(10).sequential();

    assertThat(large.build().length()).isEqualTo(1_000_000_001);
    assertThat(large.dropLast().build().length()).isEqualTo(1_000_000_000);
  }

  @Test
  void rejectsNegativeSize() {
    assertThatThrownBy(DistributedSampler.builder(-1)::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot sample from -1 rows. Set size to the number of rows, 0 or more.");
  }

  @Test
  void rejectsEmptyWorld() {
    assertThatThrownBy(DistributedSampler.builder(8).replicas(0)::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot share rows among 0 replicas. Set replicas to the world size, 1 or more.");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2})
  void rejectsRankOutsideWorld(int rank) {
    assertThatThrownBy(DistributedSampler.builder(8).replicas(2).rank(rank)::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Rank " + rank + " lies outside 2 replicas. Ranks go from 0 to 1.");
  }

  @Test
  void rejectsPermutationBeyondJavaArray() {
    assertThatThrownBy(DistributedSampler.builder(3_000_000_000L).replicas(4)::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot shuffle 3000000000 rows: the permutation would exceed a Java array"
                + " (2147483639). Use sequential(), or shard the data before sampling.");
  }

  @Test
  void rejectsShareBeyondJavaArray() {
    assertThatThrownBy(DistributedSampler.builder(6_000_000_000L).replicas(2).sequential()::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot list the 3000000000 rows of one rank: they would exceed a Java array"
                + " (2147483639). Use more replicas, or shard the data before sampling.");
  }

  private static String rowsOfAllRanks(
      DistributedSampler.Builder sampler, int replicas, long epoch) {
    String text =
        IntStream.range(0, replicas)
            .mapToObj(rank -> sampler.rank(rank).build().indices(epoch))
            .map(DistributedSamplerTest::joined)
            .collect(Collectors.joining("/"));
    return text.length() < 100 ? text : crc(text);
  }

  private static String joined(long[] rows) {
    return Arrays.stream(rows).mapToObj(Long::toString).collect(Collectors.joining(" "));
  }

  private static String crc(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(UTF_8));
    return String.format("%08x", crc.getValue());
  }
}
