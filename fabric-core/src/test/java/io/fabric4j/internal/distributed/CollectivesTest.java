package io.fabric4j.internal.distributed;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every collective on every transport against a reference that adds in rank order. */
class CollectivesTest {

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void allReduceMatchesTheReference(Layout layout) {
    Ranks.runAll(layout.inSmallChunks().options(), CollectiveChecks::allReduce);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void allReduceOfASliceLeavesTheRestAlone(Layout layout) {
    Ranks.runAll(layout.inSmallChunks().options(), CollectiveChecks::allReduceOfASlice);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void arraysMayLieInDifferentPlacesOnDifferentRanks(Layout layout) {
    Ranks.runAll(
        layout.inSmallChunks().options(), CollectiveChecks::allReduceOfArraysInDifferentPlaces);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void startedAllReducesMatchTheReference(Layout layout) {
    Ranks.runAll(layout.inSmallChunks().options(), CollectiveChecks::startedAllReduces);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void broadcastsFromEveryRoot(Layout layout) {
    Ranks.runAll(layout.inSmallChunks().options(), CollectiveChecks::broadcast);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void allGatherAndReduceScatterMatchTheReference(Layout layout) {
    Ranks.runAll(layout.inSmallChunks().options(), CollectiveChecks::allGatherAndReduceScatter);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void reducesBooleansToAnyAndAll(Layout layout) {
    Ranks.runAll(layout.inSmallChunks().options(), CollectiveChecks::allReduceOfBooleans);
  }
}
