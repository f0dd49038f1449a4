package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.distributed.CollectiveChecks;
import io.fabric4j.internal.distributed.Ranks;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NcclCollectivesTest {

  @BeforeAll
  static void loadFakes() {
    FakeCuda.load();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void allReduceMatchesTheReference(int size) {
    NcclRanks.runAll(size, CollectiveChecks::allReduce);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void allReduceOfASliceLeavesTheRestAlone(int size) {
    NcclRanks.runAll(size, CollectiveChecks::allReduceOfASlice);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void broadcastsFromEveryRoot(int size) {
    NcclRanks.runAll(size, CollectiveChecks::broadcast);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void allGatherAndReduceScatterMatchTheReference(int size) {
    NcclRanks.runAll(size, CollectiveChecks::allGatherAndReduceScatter);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void reducesBooleansToAnyAndAll(int size) {
    NcclRanks.runAll(size, CollectiveChecks::allReduceOfBooleans);
  }

  @Test
  void reducesAListAsOneGroup() {
    NcclRanks.runAll(
        3,
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray floats = manager.create(new float[] {group.rank(), 1});
            NDArray longs = manager.create(new long[] {group.rank()});
            NDArray nothing = manager.zeros(new Shape(0));
            group.allReduce(new NDList(floats, nothing, longs), ReduceOp.SUM).waitFor();
            assertThat(floats.toFloatArray()).containsExactly(3, 3);
            assertThat(longs.toLongArray()).containsExactly(3);
          }
        });
  }

  @Test
  void keepsTheOrderOfCallsThatArePending() {
    NcclRanks.runAll(
        2,
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new float[] {1});
            List<Work> pending = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
              pending.add(group.allReduce(array, ReduceOp.SUM));
              pending.add(group.broadcast(array, i % 2));
            }
            pending.forEach(Work::waitFor);
            assertThat(array.toFloatArray()).containsExactly(1 << 20);
            group.barrier();
            assertThat(pending).allMatch(Work::isDone);
          }
        });
  }

  /** More than the checker's queue and the fake's slots hold. */
  @Test
  void takesMoreCallsThanMayBePending() {
    NcclRanks.runAll(
        2,
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new float[] {1});
            for (int i = 0; i < 600; i++) {
              group.allReduce(array, ReduceOp.AVG);
            }
            group.barrier();
            assertThat(array.toFloatArray()).containsExactly(1);
          }
        });
  }

  @Test
  void followsWhatTheDefaultStreamWasGivenBefore() {
    FakeCuda.cudart("fakeHoldDefaultStream", 1);
    try {
      NcclRanks.runAll(
          2,
          group -> {
            try (NDManager manager = NDManager.newBaseManager()) {
              NDArray array = manager.create(new float[] {1});
              Work work = group.allReduce(array, ReduceOp.SUM);
              Thread.sleep(50);
              assertThat(work.isDone()).isFalse();
              array.addi(4);
              group.allGatherObject("written");
              FakeCuda.cudart("fakeHoldDefaultStream", 0);
              work.waitFor();
              assertThat(array.toFloatArray()).containsExactly(10);
            }
          });
    } finally {
      FakeCuda.cudart("fakeHoldDefaultStream", 0);
    }
  }

  /** NCCL launches on a thread of its own: an event recorded too early would be complete. */
  @Test
  void waitsUntilNcclHasLaunched() {
    FakeCuda.nccl("fakeSlowLaunch", 20_000L);
    try {
      NcclRanks.runAll(2, CollectiveChecks::allReduceOfBooleans);
    } finally {
      FakeCuda.nccl("fakeSlowLaunch", 0L);
    }
  }

  @Test
  void connectsWhenNcclTakesItsTime() {
    FakeCuda.nccl("fakeSlowInit", 300_000L);
    try {
      NcclRanks.runAll(2, CollectiveChecks::allReduceOfBooleans);
    } finally {
      FakeCuda.nccl("fakeSlowInit", 0L);
    }
  }

  @Test
  void arraysInCpuMemoryGoThroughTheHostGroup() {
    Ranks.runAll(
        2,
        Ranks.OPTIONS,
        host -> {
          Device gpu = Device.gpu(host.rank());
          try (NcclProcessGroup group = NcclProcessGroup.create(host, gpu);
              NDManager manager = NDManager.newBaseManager()) {
            assertThat(group.transport()).isEqualTo("nccl");
            FakeCuda.nccl("fakeRefuseType", 7L);
            CollectiveChecks.allReduceOfBooleans(group);
            NDArray array = manager.create(new float[] {1});
            group.allReduce(array, ReduceOp.SUM).waitFor();
            group.broadcast(array, 1).waitFor();
            NDArray rows = manager.zeros(new Shape(2));
            group.allGather(rows, array).waitFor();
            group.reduceScatter(array, rows, ReduceOp.SUM).waitFor();
            assertThat(array.toFloatArray()).containsExactly(4);
          } finally {
            FakeCuda.nccl("fakeRefuseType", -1L);
          }
        });
  }

  @Test
  void subgroupsWorkSideBySide() {
    NcclRanks.runAll(
        4,
        group -> {
          ProcessGroup pair =
              List.of(List.of(0, 1), List.of(3, 2)).stream()
                  .map(group::subgroup)
                  .toList()
                  .get(group.rank() / 2)
                  .orElseThrow();
          assertThat(pair.transport()).isEqualTo("nccl");
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray inPair = manager.create(new float[] {group.rank()});
            NDArray inAll = manager.create(new float[] {group.rank()});
            Work first = pair.allReduce(inPair, ReduceOp.SUM);
            Work second = group.allReduce(inAll, ReduceOp.SUM);
            first.waitFor();
            second.waitFor();
            assertThat(inPair.toFloatArray()).containsExactly(group.rank() < 2 ? 1 : 5);
            assertThat(inAll.toFloatArray()).containsExactly(6);
          }
          pair.close();
          group.barrier();
        });
  }

  @Test
  void allocatesZerosThatNcclKnows() {
    NcclRanks.runAll(
        2,
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = group.allocate(manager, new Shape(2, 3), DataType.BFLOAT16);
            assertThat(array.getShape()).isEqualTo(new Shape(2, 3));
            assertThat(array.toType(DataType.FLOAT32, false).sum().getFloat()).isZero();
            group.barrier();
            assertThat(FakeCuda.Live.now().registrations()).isEqualTo(2);
            group.barrier();
          }
        });
    assertThat(FakeCuda.Live.now()).isEqualTo(FakeCuda.Live.NOTHING);
  }

  @Test
  void rejectsArgumentsThatNoRankMayPass() {
    try (NcclProcessGroup group = NcclRanks.connect(new SingleProcessGroup());
        NDManager manager = NDManager.newBaseManager()) {
      NDArray matrix = manager.zeros(new Shape(2, 3));
      assertRejected(
          () -> group.allReduce(matrix.transpose(), ReduceOp.SUM), "is not contiguous in memory");
      assertRejected(() -> group.broadcast(matrix, 1), "root 1 lies outside a group of 1 ranks");
      assertRejected(
          () -> group.allReduce(manager.create(new boolean[1]), ReduceOp.SUM),
          "SUM is not defined for boolean arrays");
      assertRejected(
          () -> group.allGather(manager.zeros(new Shape(7)), matrix), "output needs 6 elements");
      assertRejected(
          () -> group.reduceScatter(matrix, manager.zeros(new Shape(7)), ReduceOp.SUM),
          "input needs 6 elements");
      assertRejected(
          () -> group.allReduce(new NDList(), ReduceOp.SUM),
          "The list has no arrays. Pass at least one.");
      CollectiveChecks.allReduceOfBooleans(group);
    }
  }

  @Test
  void namesTheDevicesThatDoNotFit() {
    try (NcclProcessGroup group =
            NcclProcessGroup.create(
                new SingleProcessGroup(),
                Device.gpu(3),
                array -> array.getDataType() == DataType.FLOAT32);
        NDManager manager = NDManager.newBaseManager()) {
      NDArray onDevice = manager.zeros(new Shape(1));
      NDArray onHost = manager.zeros(new Shape(1), DataType.INT32);
      assertRejected(
          () -> group.allGather(onDevice, onHost), "Both have to be on gpu(3), or both in CPU");
      group.allReduce(new NDList(onDevice, onHost), ReduceOp.SUM).waitFor();
      assertRejected(
          () -> group.allocate(manager, new Shape(1), DataType.FLOAT32),
          "The manager creates arrays on cpu(), but this rank's collectives work on gpu(3).");
    }
    assertRejected(
        () -> NcclProcessGroup.create(new SingleProcessGroup(), Device.cpu()),
        "NCCL connects GPUs, not cpu(). Use the host group itself for other devices.");
  }

  private static void assertRejected(Runnable call, String text) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }
}
