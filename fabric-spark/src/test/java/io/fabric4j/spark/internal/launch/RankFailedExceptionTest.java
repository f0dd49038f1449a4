package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.distributed.ProcessGroupException;
import org.junit.jupiter.api.Test;

class RankFailedExceptionTest {
  private static final RankReport REPORT = RankReport.start(0, 1).withLine("epoch 1");

  @Test
  void namesRankHostAndType() {
    RankFailedException e = failed(new ArithmeticException("/ by zero"));

    assertThat(e)
        .hasMessage("[rank 1/4] on 10.0.0.7 failed: java.lang.ArithmeticException: / by zero");
    assertThat(e.isPeerFailure()).isFalse();
  }

  @Test
  void namesTheRankOnce() {
    RankFailedException e = failed(new ProcessGroupException("[rank 1/4] barrier call #1 failed"));

    assertThat(e).hasMessage("[rank 1/4] on 10.0.0.7 failed: barrier call #1 failed");
    assertThat(e.isPeerFailure()).isTrue();
  }

  @Test
  void blamesThePeerOfAWrappedFailure() {
    assertThat(failed(new IllegalStateException(new ProcessGroupException("gone"))).isPeerFailure())
        .isTrue();
  }

  @Test
  void carriesTheReport() throws Exception {
    RankFailedException shipped =
        (RankFailedException)
            ObjectBytes.decode(
                ObjectBytes.encode(failed(new IllegalStateException("x"))),
                getClass().getClassLoader());

    assertThat(shipped.report()).isEqualTo(REPORT);
    assertThat(shipped).hasCauseExactlyInstanceOf(IllegalStateException.class);
  }

  private static RankFailedException failed(Throwable cause) {
    return RankFailedException.of(cause, RankFailedException.where(1, 4, "10.0.0.7"), REPORT);
  }
}
