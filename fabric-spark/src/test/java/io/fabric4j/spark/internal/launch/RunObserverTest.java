package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunObserverTest {

  @Test
  void aLaunchGoesOnWithoutTheLiveView() {
    RunObserver observer =
        RunObserver.unlessItFails(
            () -> {
              throw new NoClassDefFoundError("io/fabric4j/spark/internal/ui/LiveView");
            });

    assertThat(observer).isSameAs(RunObserver.NONE);
    observer.attempt(0);
    observer.end(new IllegalStateException("failed"));
  }
}
