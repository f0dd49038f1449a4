package io.fabric4j.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CheckpointNameTest {

  @Test
  void isTheEndOfAPath() {
    CheckpointName name = new CheckpointName(1200, 3);
    assertThat(name).hasToString("step-1200.a3.safetensors");
    assertThat(CheckpointName.of("hdfs://host/runs/a/" + name)).contains(name);
    assertThat(CheckpointName.of("hdfs://host/runs/a/_owner")).isEmpty();
    assertThat(CheckpointName.of("step-1.a1.safetensors.tmp")).isEmpty();
    assertThat(CheckpointName.of("step-9999999999999999999.a1.safetensors")).isEmpty();
  }

  /** Attempt 1 resumed from step 20 of attempt 0, which had gone on to step 90. */
  @Test
  void comesAfterAllOfEarlierAttempts() {
    assertThat(
            Stream.of(
                    new CheckpointName(90, 0),
                    new CheckpointName(30, 1),
                    new CheckpointName(100, 0),
                    new CheckpointName(20, 0))
                .sorted()
                .map(CheckpointName::step))
        .containsExactly(20L, 90L, 100L, 30L);
  }
}
