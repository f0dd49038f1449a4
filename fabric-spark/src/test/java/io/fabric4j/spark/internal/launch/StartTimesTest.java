package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StartTimesTest {

  @Test
  void namesPartsInTheirOrder() throws InterruptedException {
    StartTimes times = new StartTimes();
    Thread.sleep(20);
    times.end("libraries");
    times.end("rows");

    assertThat(times.toString()).matches("libraries \\d{2,} ms, rows \\d+ ms");
  }
}
