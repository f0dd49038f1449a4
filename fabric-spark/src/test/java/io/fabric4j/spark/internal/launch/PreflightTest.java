package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.Verdict;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.Test;

class PreflightTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);

  @Test
  void acceptsAsManyRanksAsSlots() {
    SlotCheck check = SlotCheck.await(6, () -> slots(6, 3), Duration.ZERO);

    assertThat(check.ranks()).isEqualTo(6);
    assertThat(check.total())
        .isEqualTo(
            Verdict.ok(
                "task slots", "6 of 6 are wanted (3 executors x 2 cores / spark.task.cpus=1)."));
  }

  @Test
  void takesAllSlotsByDefault() {
    assertThat(SlotCheck.await(0, () -> slots(6, 3), Duration.ZERO).ranks()).isEqualTo(6);
  }

  @Test
  void waitsWhileExecutorsRegister() {
    Iterator<TaskSlots> states =
        Stream.concat(
                Stream.of(slots(0, 0), slots(2, 1), slots(4, 2), slots(6, 3)),
                Stream.generate(() -> slots(8, 4)))
            .iterator();

    assertThat(SlotCheck.await(8, states::next, PATIENCE).total().isFailure()).isFalse();
  }

  @Test
  void tellsHowManySlotsAreMissing() {
    SlotCheck check = SlotCheck.await(8, () -> slots(6, 3), PATIENCE);

    assertThat(check.total().isFailure()).isTrue();
    assertThat(check.total().message())
        .isEqualTo(
            "Cannot launch 8 ranks: 6 task slots are available (3 executors x 2 cores /"
                + " spark.task.cpus=1) and a barrier stage starts all ranks at once. Set numWorkers"
                + " to 6 or fewer, or add executors.");
    assertThat(check.free().status()).isEqualTo(Verdict.Status.SKIPPED);
  }

  @Test
  void tellsThatNoExecutorRegistered() {
    SlotCheck check = SlotCheck.await(0, () -> new TaskSlots(0, 0, 0, 0, "0 executors"), PATIENCE);

    assertThat(check.total().message())
        .isEqualTo(
            "Cannot launch 1 rank: no task slot is available (0 executors) and no executor"
                + " registered within 0 s. Look at the cluster manager's page, or raise"
                + " spark.fabric.executor-timeout.");
  }

  @Test
  void warnsOfSlotsThatOtherJobsHold() {
    TaskSlots busy = new TaskSlots(6, 4, 3, 0, "3 executors");

    assertThat(SlotCheck.await(2, () -> busy, PATIENCE).free())
        .isEqualTo(Verdict.ok("free slots", "2 of 6 are free."));
    assertThat(SlotCheck.await(3, () -> busy, PATIENCE).free())
        .isEqualTo(
            Verdict.warning(
                "free slots",
                "2 of 6 are free, other jobs hold the rest, and the ranks start when 3 are free at"
                    + " once.",
                "Wait for the other jobs or stop them."));
  }

  private static TaskSlots slots(int count, int executors) {
    return new TaskSlots(
        count, 0, executors, 0, executors + " executors x 2 cores / spark.task.cpus=1");
  }

  @Test
  void rejectsDynamicAllocation() {
    SparkConf conf = new SparkConf(false).set("spark.dynamicAllocation.enabled", "true");

    assertThat(BarrierSettings.allocation(conf).isFailure()).isTrue();
    assertThat(BarrierSettings.allocation(conf).message())
        .isEqualTo(
            "Cannot launch: spark.dynamicAllocation.enabled is true, and Spark does not start"
                + " barrier stages, which start all ranks at once, while it may add and remove"
                + " executors. Start the application with spark.dynamicAllocation.enabled=false and"
                + " spark.executor.instances set.");
  }

  @Test
  void tellsWhetherRanksEncrypt() {
    SparkConf conf = new SparkConf(false);
    SparkFabricOptions options = SparkFabricOptions.of(Map.of());

    assertThat(BarrierSettings.encryption(conf, options).message())
        .isEqualTo("Neither Spark nor the ranks encrypt what they exchange.");
    conf.set("spark.network.crypto.enabled", "true");
    assertThat(BarrierSettings.encryption(conf, options).message())
        .isEqualTo(
            "spark.network.crypto.enabled is true, and the ranks encrypt too. NCCL cannot: between"
                + " hosts it is refused.");
  }

  @Test
  void warnsOfSettingsThatEndALaunchEarly() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.stage.maxConsecutiveAttempts", "1")
            .set("spark.barrier.sync.timeout", "60s")
            .set("spark.locality.wait.legacyResetOnTaskLaunch", "true");

    assertThat(BarrierSettings.attempts(conf).message())
        .isEqualTo(
            "spark.stage.maxConsecutiveAttempts is 1: the loss of one executor ends the training."
                + " Leave it out (4), or raise it.");
    assertThat(BarrierSettings.rendezvous(conf, SparkFabricOptions.of(Map.of())).message())
        .isEqualTo(
            "spark.barrier.sync.timeout is 60 s: a rank that has read its input waits no longer than"
                + " that for the others. Leave it out; spark.fabric.start-timeout is the deadline of"
                + " the start.");
    assertThat(BarrierSettings.locality(conf).message())
        .isEqualTo(
            "spark.locality.wait.legacyResetOnTaskLaunch is true, and then Spark fails barrier"
                + " stages whose tasks prefer busy hosts. Leave it out, or set"
                + " spark.locality.wait=0.");
    assertThat(BarrierSettings.locality(conf.set("spark.locality.wait", "0")).status())
        .isEqualTo(Verdict.Status.OK);
  }

  @Test
  void rejectsAStoppedContext() {
    SparkConf conf =
        new SparkConf(false)
            .setMaster("local[1]")
            .setAppName("preflight")
            .set("spark.ui.enabled", "false");
    SparkContext context = new SparkContext(conf);
    context.stop();

    assertThatThrownBy(() -> Preflight.check(context, SparkFabricOptions.of(Map.of())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot launch: the SparkSession has been stopped. Create one with"
                + " SparkSession.builder().getOrCreate().");
  }
}
