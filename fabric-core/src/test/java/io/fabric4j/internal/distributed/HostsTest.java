package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HostsTest {

  private static List<List<Integer>> hosts(int[]... visible) {
    Hosts hosts = Hosts.of(Stream.of(visible).map(HostsTest::bits).toList());
    return IntStream.range(0, hosts.count()).mapToObj(hosts::ranks).toList();
  }

  private static BitSet bits(int... ranks) {
    BitSet bits = new BitSet();
    IntStream.of(ranks).forEach(bits::set);
    return bits;
  }

  @Test
  void ranksThatSeeTheSameShareAHost() {
    assertThat(hosts(new int[] {0, 2}, new int[] {1, 3}, new int[] {0, 2}, new int[] {1, 3}))
        .containsExactly(List.of(0, 2), List.of(1, 3));
    assertThat(hosts(new int[] {0, 1}, new int[] {0, 1})).containsExactly(List.of(0, 1));
  }

  @Test
  void aRankWithoutSharedMemoryIsAlone() {
    assertThat(hosts(new int[] {}, new int[] {1, 2}, new int[] {1, 2}, new int[] {}))
        .containsExactly(List.of(0), List.of(1, 2), List.of(3));
  }

  @Test
  void seeingOneWayIsNotEnough() {
    assertThat(hosts(new int[] {0, 1}, new int[] {1})).containsExactly(List.of(0), List.of(1));
    assertThat(hosts(new int[] {0, 1}, new int[] {0, 1, 2}, new int[] {1, 2}))
        .containsExactly(List.of(0), List.of(1), List.of(2));
  }

  @Test
  void tellsLeadersAndPlaces() {
    Hosts hosts = Hosts.of(List.of(bits(0, 2), bits(1), bits(0, 2)));

    assertThat(hosts.leaders()).containsExactly(0, 1);
    assertThat(hosts.hostOf(2)).isZero();
    assertThat(hosts.position(2)).isEqualTo(1);
    assertThat(hosts.largest()).isEqualTo(2);
  }
}
