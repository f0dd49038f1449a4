package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.fabric4j.RankOutput;
import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.monitoring.EpochProgress.StepTimes;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalMeterTest {
  private static final long SECOND = 1_000_000_000;

  private long now;
  private final IntervalMeter meter = new IntervalMeter(1, 2, () -> now);

  private static final RankOutput.State STATE =
      new RankOutput.State() {
        @Override
        public List<Double> learningRates() {
          return Collections.nCopies(20, 0.1);
        }

        @Override
        public double gradientNorm() {
          return 3;
        }

        @Override
        public Device device() {
          return Device.cpu();
        }

        @Override
        public String explain() {
          return "";
        }
      };

  /** A loop after some batches of 8 rows, each of 10 ms. */
  private static EpochProgress progress(int loop, long batches) {
    long unit = batches * 1_000_000;
    return new EpochProgress(
        loop,
        loop,
        batches,
        100,
        8 * batches,
        new StepTimes(10 * unit, unit, 2 * unit, 3 * unit, unit, unit));
  }

  @Test
  void measuresTheFirstStepAndThenEachSecond() {
    assertThat(meter.isDue(progress(0, 1))).isTrue();
    RankSample first = meter.sample(STATE);
    now += SECOND / 2;
    assertThat(meter.isDue(progress(0, 50))).isFalse();
    now += SECOND / 2;
    assertThat(meter.isDue(progress(0, 100))).isTrue();
    RankSample second = meter.sample(STATE);

    assertThat(first.interval().steps()).isEqualTo(1);
    assertThat(first.rates()).hasSize(IntervalMeter.MAX_RATES).containsOnly(0.1);
    assertThat(first.norm()).isEqualTo(3);
    assertThat(second.step()).isEqualTo(100);
    assertThat(second.interval())
        .returns(1, i -> i.attempt())
        .returns(2, i -> i.rank())
        .returns(99L, i -> i.steps())
        .returns(792L, i -> i.rows())
        .returns(990_000L, i -> i.total())
        .returns(99_000L, i -> i.data())
        .returns(198_000L, i -> i.forward())
        .returns(297_000L, i -> i.backward())
        .returns(99_000L, i -> i.sync())
        .returns(99_000L, i -> i.optimizer());
  }

  @Test
  void anIntervalGoesOnOverLoops() {
    meter.isDue(progress(0, 1));
    meter.sample(STATE);
    meter.isDue(progress(0, 30));
    meter.isDue(progress(1, 1));
    meter.isDue(progress(1, 20));

    assertThat(meter.rest())
        .hasValueSatisfying(rest -> assertThat(rest.interval().steps()).isEqualTo(49));
    assertThat(meter.rest()).isEmpty();
  }

  @Test
  void withoutTrainingThereIsNothingToMeasure() {
    assertThat(meter.rest()).isEmpty();
  }
}
