package io.fabric4j.internal.distributed;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every collective on every transport against a reference that adds in rank order. */
class CollectivesTest {

  static Stream<Arguments> groups() {
    List<Arguments> groups = new ArrayList<>();
    groups.add(Arguments.of(1, Transport.AUTO));
    for (int size = 2; size <= 4; size++) {
      groups.add(Arguments.of(size, Transport.SHARED_MEMORY));
      groups.add(Arguments.of(size, Transport.TCP));
    }
    return groups.stream();
  }

  private static GroupOptions options(Transport transport) {
    return Ranks.OPTIONS.withTransport(transport).withChunkBytes(GroupOptions.MIN_CHUNK_BYTES);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void allReduceMatchesTheReference(int size, Transport transport) {
    Ranks.runAll(size, options(transport), CollectiveChecks::allReduce);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void allReduceOfASliceLeavesTheRestAlone(int size, Transport transport) {
    Ranks.runAll(size, options(transport), CollectiveChecks::allReduceOfASlice);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void arraysMayLieInDifferentPlacesOnDifferentRanks(int size, Transport transport) {
    Ranks.runAll(size, options(transport), CollectiveChecks::allReduceOfArraysInDifferentPlaces);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void broadcastsFromEveryRoot(int size, Transport transport) {
    Ranks.runAll(size, options(transport), CollectiveChecks::broadcast);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void allGatherAndReduceScatterMatchTheReference(int size, Transport transport) {
    Ranks.runAll(size, options(transport), CollectiveChecks::allGatherAndReduceScatter);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void reducesBooleansToAnyAndAll(int size, Transport transport) {
    Ranks.runAll(size, options(transport), CollectiveChecks::allReduceOfBooleans);
  }
}
