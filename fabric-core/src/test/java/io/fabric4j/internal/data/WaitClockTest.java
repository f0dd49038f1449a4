package io.fabric4j.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitClockTest {
  private final AtomicLong time = new AtomicLong(-7);
  private final WaitClock clock = new WaitClock(time::get);

  @Test
  void dividesWaitingByTheTimeUntilTheLastCall() {
    assertThat(clock.share()).isZero();
    time.addAndGet(10);
    clock.go();
    assertThat(clock.share()).isEqualTo(1);
    time.addAndGet(20);
    clock.stop();
    assertThat(clock.share()).isEqualTo(10.0 / 30);
    time.addAndGet(10);
    clock.go();
    time.addAndGet(1000);
    assertThat(clock.share()).isEqualTo(20.0 / 40);
  }
}
