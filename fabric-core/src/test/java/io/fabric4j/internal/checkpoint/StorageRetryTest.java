package io.fabric4j.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StorageRetryTest {
  private final AtomicInteger calls = new AtomicInteger();
  private final CheckpointIO io =
      new MemoryCheckpointIO(new byte[0]) {
        @Override
        public boolean isTransient(IOException failure) {
          return failure instanceof ConnectException;
        }
      };

  private StorageRetry.Operation<Integer> failing(int times, IOException failure) {
    return () -> {
      if (calls.incrementAndGet() <= times) {
        throw failure;
      }
      return calls.get();
    };
  }

  @Test
  void triesAgainWhileTheStorageIsOutOfReach() throws IOException {
    assertThat(StorageRetry.run(io, failing(2, new ConnectException("refused")))).isEqualTo(3);
  }

  @Test
  void failsAtOnceIfTryingAgainDoesNotHelp() {
    FileNotFoundException failure = new FileNotFoundException("f");
    assertThatThrownBy(() -> StorageRetry.run(io, failing(1, failure))).isSameAs(failure);
    assertThat(calls).hasValue(1);
  }

  @Test
  void failsWithTheLastErrorInTheEnd() {
    ConnectException failure = new ConnectException("refused");
    assertThatThrownBy(() -> StorageRetry.run(io, Duration.ofMillis(400), failing(1000, failure)))
        .isSameAs(failure);
    assertThat(calls).hasValueBetween(2, 4);
  }

  @Test
  void endsWhenItIsInterrupted() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> StorageRetry.run(io, failing(1, new ConnectException("refused"))))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("Interrupted after: refused");
    assertThat(Thread.interrupted()).isTrue();
  }
}
