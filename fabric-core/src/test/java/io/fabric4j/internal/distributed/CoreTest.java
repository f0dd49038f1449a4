package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CoreTest {
  @Test
  void isOneThatThisProcessMayUse() throws Exception {
    String allowed =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElseThrow();
    int core = Core.current();
    assertThat(allowed.split(","))
        .as("core %d of %s", core, allowed)
        .anyMatch(
            range -> {
              String[] ends = range.split("-");
              return Integer.parseInt(ends[0]) <= core
                  && core <= Integer.parseInt(ends[ends.length - 1]);
            });
  }
}
