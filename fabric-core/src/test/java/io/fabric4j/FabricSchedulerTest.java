package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.tracker.Tracker;
import io.fabric4j.internal.optim.LearningRates;
import io.fabric4j.optim.LearningRateSchedule;
import io.fabric4j.optim.ReduceOnPlateau;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/*
 * from torch.optim.lr_scheduler import *
 * def run(make, n=12):
 *     o = torch.optim.SGD([torch.zeros(1)], lr=0.1); s = make(o); print(o.param_groups[0]["lr"])
 *     for _ in range(n): o.step(); s.step(); print(o.param_groups[0]["lr"])
 * run(lambda o: LinearLR(o, 1/3, 1.0, 5))
 * run(lambda o: LinearLR(o, 1.0, 0.2, 5))
 * run(lambda o: CosineAnnealingLR(o, 8, eta_min=0.01), 8)
 * run(lambda o: StepLR(o, 3, 0.5))
 * run(lambda o: MultiStepLR(o, [2, 5, 5, 9], 0.5))
 * run(lambda o: ExponentialLR(o, 0.9))
 * run(lambda o: PolynomialLR(o, 8, 2.0))
 * run(lambda o: LambdaLR(o, lambda k: 1 / (1 + k)))
 * run(lambda o: SequentialLR(o, [LinearLR(o, 0.25, 1.0, 4), ExponentialLR(o, 0.9)], [4]))
 *
 * def plateau(**k):
 *     o = torch.optim.SGD([torch.zeros(1)], lr=0.1); s = ReduceLROnPlateau(o, **k)
 *     for m in METRICS: s.step(m); print(o.param_groups[0]["lr"])
 * plateau(patience=2)
 * plateau(patience=1, threshold=0.06, threshold_mode="abs", factor=0.5, cooldown=2)
 * plateau(mode="max", patience=1, factor=0.5, min_lr=0.02)
 * plateau(mode="max", patience=0, factor=0.5, threshold_mode="abs", threshold=0.01, eps=0.004)
 */
class FabricSchedulerTest {
  private static final double[] METRICS = {
    1.0, 0.9, 0.95, 0.9, 0.91, 0.92, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.79999, 0.8, 0.7, Double.NaN
  };

  static Stream<Arguments> schedules() {
    return Stream.of(
        Arguments.of(
            "warm-up",
            LearningRateSchedule.linear(1.0 / 3, 1, 5),
            List.of(
                0.03333333333333333,
                0.04666666666666667,
                0.060000000000000005,
                0.07333333333333335,
                0.08666666666666668,
                0.1,
                0.1,
                0.1,
                0.1,
                0.1,
                0.1,
                0.1,
                0.1)),
        Arguments.of(
            "decay",
            LearningRateSchedule.linear(1, 0.2, 5),
            List.of(
                0.1,
                0.084,
                0.068,
                0.052,
                0.036,
                0.019999999999999997,
                0.019999999999999997,
                0.019999999999999997,
                0.019999999999999997,
                0.019999999999999997,
                0.019999999999999997,
                0.019999999999999997,
                0.019999999999999997)),
        Arguments.of(
            "cosine",
            LearningRateSchedule.cosine(8, 0.1),
            List.of(
                0.1,
                0.0965745789630079,
                0.08681980515339463,
                0.07222075445642905,
                0.055,
                0.03777924554357096,
                0.023180194846605363,
                0.013425421036992097,
                0.01)),
        Arguments.of(
            "step",
            LearningRateSchedule.step(3, 0.5),
            List.of(
                0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125, 0.0125,
                0.00625)),
        Arguments.of(
            "multi",
            LearningRateSchedule.multiStep(0.5, 2, 5, 5, 9),
            List.of(
                0.1, 0.1, 0.05, 0.05, 0.05, 0.0125, 0.0125, 0.0125, 0.0125, 0.00625, 0.00625,
                0.00625, 0.00625)),
        Arguments.of(
            "exponential",
            LearningRateSchedule.exponential(0.9),
            List.of(
                0.1,
                0.09000000000000001,
                0.08100000000000002,
                0.07290000000000002,
                0.06561000000000002,
                0.05904900000000002,
                0.05314410000000002,
                0.04782969000000002,
                0.043046721000000024,
                0.03874204890000002,
                0.03486784401000002,
                0.03138105960900001,
                0.028242953648100012)),
        Arguments.of(
            "polynomial",
            LearningRateSchedule.polynomial(8, 2),
            List.of(
                0.1,
                0.0765625,
                0.05625,
                0.03906250000000001,
                0.02500000000000001,
                0.014062500000000006,
                0.006250000000000002,
                0.0015625000000000005,
                0.0,
                0.0,
                0.0,
                0.0,
                0.0)),
        Arguments.of(
            "lambda",
            LearningRateSchedule.factor(k -> 1.0 / (1 + k)),
            List.of(
                0.1,
                0.05,
                0.03333333333333333,
                0.025,
                0.020000000000000004,
                0.016666666666666666,
                0.014285714285714285,
                0.0125,
                0.011111111111111112,
                0.010000000000000002,
                0.009090909090909092,
                0.008333333333333333,
                0.007692307692307693)),
        Arguments.of(
            "sequential",
            LearningRateSchedule.linear(0.25, 1, 4).then(4, LearningRateSchedule.exponential(0.9)),
            List.of(
                0.025,
                0.043750000000000004,
                0.06250000000000001,
                0.08125000000000002,
                0.1,
                0.09000000000000001,
                0.08100000000000002,
                0.07290000000000002,
                0.06561000000000002,
                0.05904900000000002,
                0.05314410000000002,
                0.04782969000000002,
                0.043046721000000024)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("schedules")
  void equalsTorch(String name, LearningRateSchedule schedule, List<Double> expected) {
    FabricScheduler scheduler = new FabricScheduler(new Rates(0.1), schedule);
    for (double rate : expected) {
      assertThat(scheduler.learningRates().get(0)).isCloseTo(rate, within(1e-15));
      scheduler.step();
    }
  }

  static Stream<Arguments> plateaus() {
    return Stream.of(
        Arguments.of(
            "relative",
            ReduceOnPlateau.builder().patience(2).build(),
            List.of(
                0.1,
                0.1,
                0.1,
                0.1,
                0.010000000000000002,
                0.010000000000000002,
                0.010000000000000002,
                0.010000000000000002,
                0.010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.0010000000000000002,
                0.00010000000000000003,
                0.00010000000000000003,
                0.00010000000000000003,
                0.00010000000000000003)),
        Arguments.of(
            "absolute with cooldown",
            ReduceOnPlateau.builder()
                .patience(1)
                .absoluteThreshold(0.06)
                .factor(0.5)
                .cooldown(2)
                .build(),
            List.of(
                0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.0125,
                0.0125, 0.0125, 0.0125)),
        Arguments.of(
            "maximum with a smallest rate",
            ReduceOnPlateau.builder()
                .mode(ReduceOnPlateau.Mode.MAX)
                .patience(1)
                .factor(0.5)
                .minLearningRate(0.02)
                .build(),
            List.of(
                0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02,
                0.02, 0.02)),
        Arguments.of(
            "absolute maximum with a smallest difference",
            ReduceOnPlateau.builder()
                .mode(ReduceOnPlateau.Mode.MAX)
                .patience(0)
                .factor(0.5)
                .absoluteThreshold(0.01)
                .eps(0.004)
                .build(),
            List.of(
                0.1, 0.05, 0.025, 0.0125, 0.00625, 0.00625, 0.00625, 0.00625, 0.00625, 0.00625,
                0.00625, 0.00625, 0.00625, 0.00625, 0.00625, 0.00625)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("plateaus")
  void equalsTorchOnPlateaus(String name, ReduceOnPlateau rule, List<Double> expected) {
    FabricScheduler scheduler = new FabricScheduler(new Rates(0.1), rule);
    for (int i = 0; i < METRICS.length; i++) {
      scheduler.step(METRICS[i]);
      assertThat(scheduler.learningRates().get(0)).as("metric %d", i).isEqualTo(expected.get(i));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("plateaus")
  void continuesOnPlateausFromItsState(String name, ReduceOnPlateau rule, List<Double> expected) {
    for (int stop = 0; stop < METRICS.length; stop++) {
      FabricScheduler first = new FabricScheduler(new Rates(0.1), rule);
      for (int i = 0; i < stop; i++) {
        first.step(METRICS[i]);
      }
      FabricScheduler second = new FabricScheduler(new Rates(7), rule);
      second.loadStateDict(first.stateDict());
      for (int i = stop; i < METRICS.length; i++) {
        second.step(METRICS[i]);
        assertThat(second.learningRates().get(0)).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void takesNumbersThatAreNotFiniteAsText() {
    ReduceOnPlateau rule = ReduceOnPlateau.builder().patience(0).factor(0.5).build();
    FabricScheduler scheduler = new FabricScheduler(new Rates(0.1), rule);
    Map<String, Object> state = new HashMap<>(scheduler.stateDict());
    state.put("best", "Infinity");
    scheduler.loadStateDict(state);
    assertThat(scheduler.stateDict()).containsEntry("best", Double.POSITIVE_INFINITY);
  }

  @Test
  void reducesEachGroupsRate() {
    FabricScheduler scheduler =
        new FabricScheduler(
            new Rates(0.5, 4), ReduceOnPlateau.builder().patience(0).factor(0.5).build());
    scheduler.step(1);
    assertThat(scheduler.learningRates()).containsExactly(0.5, 4.0);
    scheduler.step(1);
    assertThat(scheduler.learningRates()).containsExactly(0.25, 2.0);
  }

  @Test
  void rejectsStepsOfTheOtherKind() {
    FabricScheduler scheduled =
        new FabricScheduler(new Rates(0.1), LearningRateSchedule.constant(1));
    assertThatThrownBy(() -> scheduled.step(0.5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "This scheduler follows the number of steps, not a metric. Call step(), or make a"
                + " scheduler of a ReduceOnPlateau.");
    FabricScheduler plateau =
        new FabricScheduler(new Rates(0.1), ReduceOnPlateau.builder().build());
    assertThatThrownBy(plateau::step)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "This scheduler follows a metric. Call step(metric), or make a scheduler of a"
                + " LearningRateSchedule.");
  }

  @Test
  void rejectsStateOfTheOtherKind() {
    FabricScheduler scheduled =
        new FabricScheduler(new Rates(0.1), LearningRateSchedule.constant(1));
    FabricScheduler plateau =
        new FabricScheduler(new Rates(0.1), ReduceOnPlateau.builder().build());
    assertThatThrownBy(() -> plateau.checkStateDict(scheduled.stateDict()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The checkpoint does not fit: it has the scheduler state {step=0,"
                + " base_learning_rates=[0.1]} and the optimizer has 1 parameter groups. A"
                + " scheduler of this kind has the state {best=Infinity, bad_steps=0, cooldown=0,"
                + " learning_rates=[0.1]}.");
  }

  @Test
  void rejectsPlateauSettingsThatCannotWork() {
    ReduceOnPlateau.Builder builder = ReduceOnPlateau.builder();
    assertThatThrownBy(() -> builder.factor(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("factor is 1.0, but it must be at least 0 and below 1.");
    assertThatThrownBy(() -> builder.patience(-1))
        .hasMessage("patience is -1, but it must be at least 0.");
    assertThatThrownBy(() -> builder.relativeThreshold(Double.NaN))
        .hasMessage("threshold is NaN, but it must be a finite number of at least 0.");
  }

  @Test
  void scalesEachGroupsOwnRate() {
    LearningRateSchedule half = LearningRateSchedule.constant(0.5);
    assertThat(new FabricScheduler(new Rates(0.1, 4), half).learningRates())
        .containsExactly(0.05, 2.0);
  }

  @Test
  void takesRatesFromTracker() {
    Tracker tracker = Tracker.fixed(0.25f);
    FabricScheduler scheduler =
        new FabricScheduler(new Rates(0.1, 4), LearningRateSchedule.ofTracker(tracker));
    assertThat(scheduler.learningRates()).containsExactly(0.25, 0.25);
  }

  @Test
  void continuesFromItsState() {
    LearningRateSchedule schedule = LearningRateSchedule.exponential(0.9);
    FabricScheduler first = new FabricScheduler(new Rates(0.1), schedule);
    first.step();
    FabricScheduler second = new FabricScheduler(new Rates(7), schedule);
    second.loadStateDict(first.stateDict());
    first.step();
    second.step();
    assertThat(second.learningRates()).isEqualTo(first.learningRates());
  }

  @Test
  void rejectsStateOfAnotherScheduler() {
    FabricScheduler scheduler =
        new FabricScheduler(new Rates(0.1), LearningRateSchedule.constant(1));
    assertThatThrownBy(() -> scheduler.loadStateDict(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The checkpoint does not fit: it has the scheduler state {} and the optimizer has 1"
                + " parameter groups. A scheduler of this kind has the state {step=0,"
                + " base_learning_rates=[0.1]}.");
  }

  @Test
  void rejectsSettingsThatCannotWork() {
    assertThatThrownBy(() -> LearningRateSchedule.step(0, 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size is 0, but it must be at least 1.");
    assertThatThrownBy(() -> LearningRateSchedule.constant(-1))
        .hasMessage("factor is -1.0, but it must be a finite number of at least 0.");
  }

  /** Learning rates without an optimizer. */
  private static final class Rates implements LearningRates {
    private final double[] rates;

    Rates(double... rates) {
      this.rates = rates;
    }

    @Override
    public int groupCount() {
      return rates.length;
    }

    @Override
    public double learningRate(int group) {
      return rates[group];
    }

    @Override
    public void setLearningRate(int group, double learningRate) {
      rates[group] = learningRate;
    }
  }
}
