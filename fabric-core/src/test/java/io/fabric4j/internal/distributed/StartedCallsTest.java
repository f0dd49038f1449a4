package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.Work;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import io.fabric4j.internal.torch.TorchThread;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StartedCallsTest {
  private static final GroupOptions TCP = Ranks.OPTIONS.withTransport(Transport.TCP);

  /** Runs two ranks of which the second does something else instead of its part of the sum. */
  private static List<Outcome<Object>> outcomes(Ranks.Action first, Ranks.Action second) {
    return Ranks.outcomes(
        2,
        TCP,
        group -> {
          (group.rank() == 0 ? first : second).run(group);
          return null;
        });
  }

  private static Work start(ProcessGroup group, NDManager manager) {
    return group.startAllReduce(manager.ones(new Shape(1000)), ReduceOp.SUM);
  }

  private static void startAndWait(ProcessGroup group) {
    try (NDManager manager = NDManager.newBaseManager()) {
      start(group, manager).waitFor();
    }
  }

  @Test
  void runsBesideTheRanksThread() {
    CountDownLatch looked = new CountDownLatch(1);
    Ranks.runAll(
        2,
        TCP,
        group -> {
          assertThat(group.isAsynchronous()).isTrue();
          try (NDManager manager = NDManager.newBaseManager()) {
            if (group.rank() == 1) {
              looked.await();
            }
            Work work = start(group, manager);
            if (group.rank() == 0) {
              assertThat(work.isDone()).isFalse();
              looked.countDown();
            }
            work.waitFor();
            assertThat(work.isDone()).isTrue();
          }
        });
  }

  @Test
  void flushesDenormalNumbersIfTheRankDoes() {
    Ranks.runAll(
        2,
        TCP,
        group -> {
          try (TorchThread flushing = TorchThread.enter(1, group.rank() == 0);
              NDManager manager = NDManager.newBaseManager()) {
            assertThat(TorchThread.flushesDenormals()).isEqualTo(group.rank() == 0);
            NDArray tiny = manager.full(new Shape(2), 1e-40f);
            group.startAllReduce(tiny, ReduceOp.SUM).waitFor();
            // Each rank sums one element; what rank 0 contributes is zero.
            assertThat(tiny.toFloatArray()).containsExactly(0f, 1e-40f);
          }
        });
  }

  @Test
  void waitingTellsAPeersFailure() {
    List<Outcome<Object>> outcomes =
        outcomes(
            StartedCallsTest::startAndWait,
            group -> group.abort(new IllegalStateException("out of patience")));
    assertThat(outcomes.get(0).error()).isInstanceOf(ProcessGroupException.class);
    assertThat(outcomes.get(0).message())
        .contains("allReduce call #1 failed: ")
        .contains("out of patience");
  }

  @Test
  void anInterruptWhileWaitingEndsTheGroup() {
    List<Outcome<Object>> outcomes =
        outcomes(
            group -> {
              Thread.currentThread().interrupt();
              startAndWait(group);
            },
            group -> {
              Thread.sleep(300);
              startAndWait(group);
            });
    for (Outcome<Object> outcome : outcomes) {
      assertThat(outcome.message()).contains("rank 0 (127.0.0.1:").contains("was interrupted.");
    }
  }

  @Test
  void closingWhileOneRunsEndsTheGroup() {
    List<Outcome<Object>> outcomes =
        outcomes(
            group -> {
              NDManager manager = NDManager.newBaseManager();
              start(group, manager);
            },
            group -> {
              Thread.sleep(300);
              startAndWait(group);
              startAndWait(group);
            });
    assertThat(outcomes.get(1).message())
        .contains("rank 0 (127.0.0.1:")
        .contains("The group was closed while a collective was running.");
  }

  @Test
  void leavesNoThread() {
    Ranks.runAll(2, TCP, StartedCallsTest::startAndWait);
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.endsWith("-calls"));
  }
}
