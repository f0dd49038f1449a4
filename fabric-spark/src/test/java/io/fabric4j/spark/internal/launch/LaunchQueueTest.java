package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LaunchQueueTest {
  private static final int SLOTS = 4;

  private SparkContext context;
  private LaunchQueue queue;

  @BeforeEach
  void start() {
    context =
        new SparkContext(
            new SparkConf()
                .setMaster("local[" + SLOTS + "]")
                .setAppName("queue")
                .set("spark.ui.enabled", "false"));
    queue = LaunchQueue.of(context);
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private LaunchQueue.Turn enter(int ranks) {
    return queue.enter(context, new LaunchPlan(ranks, null, SLOTS));
  }

  /** Enters from a thread of its own, which is waiting when this returns. */
  private CompletableFuture<LaunchQueue.Turn> waiting(int ranks) throws InterruptedException {
    CompletableFuture<LaunchQueue.Turn> turn = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                turn.complete(enter(ranks));
              } catch (RuntimeException e) {
                turn.completeExceptionally(e);
              }
            },
            "waits-" + ranks);
    thread.start();
    while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(5);
    }
    return turn;
  }

  @Test
  void letsLaunchesRunSideBySideWhileThereAreSlots() {
    LaunchQueue.Turn first = enter(3);
    LaunchQueue.Turn second = enter(1);

    first.close();
    second.close();
    enter(4).close();
  }

  @Test
  void servesLaunchesInTheOrderOfArrival() throws Exception {
    LaunchQueue.Turn running = enter(3);
    CompletableFuture<LaunchQueue.Turn> large = waiting(4);
    CompletableFuture<LaunchQueue.Turn> small = waiting(1);

    // One slot is free, but it would keep the large launch waiting for ever.
    assertThat(small).isNotDone();
    running.close();
    LaunchQueue.Turn second = large.get(10, TimeUnit.SECONDS);
    assertThat(small).isNotDone();
    second.close();
    small.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void aClosedTurnCountsOnce() {
    LaunchQueue.Turn first = enter(2);
    LaunchQueue.Turn second = enter(2);
    first.close();
    first.close();
    LaunchQueue.Turn third = enter(2);

    second.close();
    third.close();
  }

  @Test
  void anInterruptedLaunchLeavesTheQueue() throws Exception {
    LaunchQueue.Turn running = enter(4);
    Thread thread =
        new Thread(
            () ->
                assertThatThrownBy(() -> enter(4))
                    .isInstanceOf(FabricException.class)
                    .hasMessage(
                        "The launch was interrupted while it waited for the slots of others."));
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(5);
    }
    CompletableFuture<LaunchQueue.Turn> next = waiting(1);

    thread.interrupt();
    thread.join(10_000);
    running.close();

    next.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void aStoppedSessionEndsTheWait() throws Exception {
    LaunchQueue.Turn running = enter(4);
    CompletableFuture<LaunchQueue.Turn> waits = waiting(1);

    context.stop();

    assertThatThrownBy(() -> waits.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("waited for other launches, and the session was stopped");
    running.close();
  }
}
