package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
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
    assertThat(Preflight.checkSlots(6, () -> slots(6, 3), Duration.ZERO)).isEqualTo(6);
  }

  @Test
  void takesAllSlotsByDefault() {
    assertThat(Preflight.checkSlots(0, () -> slots(6, 3), Duration.ZERO)).isEqualTo(6);
  }

  @Test
  void waitsWhileExecutorsRegister() {
    Iterator<TaskSlots> states =
        Stream.concat(
                Stream.of(slots(0, 0), slots(2, 1), slots(4, 2), slots(6, 3)),
                Stream.generate(() -> slots(8, 4)))
            .iterator();

    assertThat(Preflight.checkSlots(8, states::next, PATIENCE)).isEqualTo(8);
  }

  @Test
  void tellsHowManySlotsAreMissing() {
    assertThatThrownBy(() -> Preflight.checkSlots(8, () -> slots(6, 3), PATIENCE))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot launch 8 ranks: 6 task slots are available (3 executors x 2 cores /"
                + " spark.task.cpus=1) and a barrier stage starts all ranks at once. Set numWorkers"
                + " to 6 or fewer, or add executors.");
  }

  @Test
  void tellsThatNoExecutorRegistered() {
    assertThatThrownBy(
            () -> Preflight.checkSlots(0, () -> new TaskSlots(0, 0, 0, "0 executors"), PATIENCE))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot launch 1 rank: no task slot is available (0 executors) and no executor"
                + " registered within 0 s. Look at the cluster manager's page, or raise"
                + " spark.fabric.executor-timeout.");
  }

  private static TaskSlots slots(int count, int executors) {
    return new TaskSlots(
        count, executors, 0, executors + " executors x 2 cores / spark.task.cpus=1");
  }

  @Test
  void rejectsDynamicAllocation() {
    SparkConf conf = new SparkConf(false).set("spark.dynamicAllocation.enabled", "true");

    assertThatThrownBy(() -> Preflight.checkAllocation(conf))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot launch: spark.dynamicAllocation.enabled is true, and Spark does not start"
                + " barrier stages, which start all ranks at once, while it may add and remove"
                + " executors. Start the application with spark.dynamicAllocation.enabled=false and"
                + " spark.executor.instances set.");
  }

  @Test
  void rejectsEncryptionUnlessClearTextIsAllowed() {
    SparkConf conf = new SparkConf(false).set("spark.network.crypto.enabled", "true");
    SparkFabricOptions strict = SparkFabricOptions.of(Map.of());
    SparkFabricOptions lax =
        SparkFabricOptions.of(Map.of(SparkFabricOptions.ALLOW_CLEAR_TEXT, "true"));

    assertThatThrownBy(() -> Preflight.checkEncryption(conf, strict))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot launch: spark.network.crypto.enabled is true, but ranks exchange gradients and"
                + " parameters over sockets of their own in clear text (who may connect is checked)."
                + " If the network is trusted, set spark.fabric.allow-clear-text=true.");
    assertThatCode(() -> Preflight.checkEncryption(conf, lax)).doesNotThrowAnyException();
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
