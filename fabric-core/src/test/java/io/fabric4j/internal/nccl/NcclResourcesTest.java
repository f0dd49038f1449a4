package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NcclResourcesTest {

  @BeforeAll
  static void loadFakes() {
    FakeCuda.load();
  }

  private record Use(FakeCuda.Live live, long threads, long descriptors) {
    static Use now() throws IOException {
      try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
        return new Use(
            FakeCuda.Live.now(),
            Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fabric4j"))
                .count(),
            descriptors.count());
      }
    }
  }

  @Test
  void aThousandGroupsLeaveNothingBehind() throws Exception {
    openAndClose();
    Use before = Use.now();
    for (int i = 0; i < 1000; i++) {
      openAndClose();
    }
    assertThat(Use.now()).isEqualTo(before);
    assertThat(before.live()).isEqualTo(FakeCuda.Live.NOTHING);
  }

  private static void openAndClose() {
    try (NcclProcessGroup group = NcclRanks.connect(new SingleProcessGroup());
        NDManager manager = NDManager.newBaseManager()) {
      group.allReduce(manager.create(1f), ReduceOp.SUM).waitFor();
    }
  }

  @Test
  void manyRanksCallsAndSubgroupsLeaveNothingBehind() throws Exception {
    reduceInPairs(10);
    Use before = Use.now();
    for (int i = 0; i < 5; i++) {
      reduceInPairs(500);
    }
    assertThat(Use.now()).isEqualTo(before);
  }

  @Test
  void freesBuffersThatAreNoLongerUsed() {
    NcclRanks.runAll(
        2,
        group -> {
          for (int i = 0; i < 20; i++) {
            try (NDManager manager = NDManager.newBaseManager()) {
              NDArray array = group.allocate(manager, new Shape(1000), DataType.FLOAT32);
              NDArray view = array.get("10:20");
              array.close();
              group.allReduce(group.allocate(manager, new Shape(9), DataType.INT32), ReduceOp.SUM);
              group.barrier();
              // Of each rank the two arrays of this round: the view keeps the first one's memory.
              assertThat(FakeCuda.Live.now().registrations()).isEqualTo(4);
              assertThat(view.sum().getFloat()).isZero();
              group.barrier();
            }
          }
        });
  }

  private static void reduceInPairs(int times) {
    NcclRanks.runAll(
        2,
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = group.allocate(manager, new Shape(1000), DataType.FLOAT32);
            for (int i = 0; i < times; i++) {
              group.allReduce(array, ReduceOp.AVG).waitFor();
            }
            // Left open: it is closed with its group.
            group.subgroup(List.of(1, 0)).orElseThrow().barrier();
          }
        });
  }

  /**
   * Events are used again, so that their number is that of the calls which were pending at once.
   */
  @Test
  void manyCallsNeedFewEvents() {
    NcclRanks.runAll(
        2,
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.zeros(new Shape(10));
            for (int i = 0; i < 500; i++) {
              group.allReduce(array, ReduceOp.AVG).waitFor();
              group.barrier();
            }
          }
          assertThat(FakeCuda.Live.now().events()).isLessThan(20);
          group.barrier();
        });
  }
}
