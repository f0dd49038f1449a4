package io.fabric4j.notebooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interrupts cells through Jupyter's own client, as the stop button does. */
@EnabledIf("io.fabric4j.notebooks.JupyterProcess#isAvailable")
class InterruptIT {

  @ParameterizedTest
  @ValueSource(strings = {"scala", "java"})
  void anInterruptedCellLeavesNoJobAndNoRank(String language) throws Exception {
    String printed =
        JupyterProcess.run(
            Duration.ofMinutes(5),
            List.of("/usr/bin/python3", "src/test/python/interrupt.py", language),
            Map.of());

    assertThat(printed).endsWith("ok\n");
  }
}
