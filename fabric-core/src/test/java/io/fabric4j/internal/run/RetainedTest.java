package io.fabric4j.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.RunOptions.Retention;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetainedTest {
  private static Retained of(Retention retention, double... metrics) {
    Retained retained = new Retained(retention);
    for (int step = 0; step < metrics.length; step++) {
      retained.add(new CheckpointName(step, 0), metrics[step]);
    }
    return retained;
  }

  private static List<Long> superfluous(Retained retained) {
    return retained.superfluous().stream().map(CheckpointName::step).toList();
  }

  @Test
  void keepsTheNewest() {
    assertThat(superfluous(of(new Retention(2, 0, "", true), 1, 2, 3, 4))).containsExactly(1L, 0L);
    assertThat(superfluous(of(new Retention(9, 0, "", true), 1, 2))).isEmpty();
  }

  @Test
  void keepsTheBestToo() {
    Retained larger = of(new Retention(1, 2, "accuracy", true), 5, Double.NaN, 9, 5, 1);
    assertThat(superfluous(larger)).containsExactly(1L, 0L);
    assertThat(larger.best()).contains(new CheckpointName(2, 0));
    Retained smaller = of(new Retention(1, 1, "loss", false), 5, 3, 9);
    assertThat(superfluous(smaller)).containsExactly(0L);
    assertThat(of(new Retention(1, 1, "loss", false), Double.NaN).best()).isEmpty();
  }

  @Test
  void forgetsWhatWasDeleted() {
    Retained retained = of(new Retention(1, 0, "", true), 1, 2);
    retained.remove(new CheckpointName(0, 0));
    assertThat(superfluous(retained)).isEmpty();
  }
}
