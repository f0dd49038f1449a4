package io.fabric4j.spark.internal.ml.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NetworkCacheTest {
  private static final NetworkCache.Key KEY = new NetworkCache.Key("a", Device.cpu());
  private static final List<ColumnSpec> SCALAR =
      List.of(new ColumnSpec("x", DataType.FLOAT32, List.of()));

  @Test
  void loadsANetworkOnceForAllThreads() throws Exception {
    NetworkCache cache = new NetworkCache(Duration.ofMinutes(1));
    AtomicInteger loads = new AtomicInteger();
    List<Callable<Float>> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      float value = i;
      tasks.add(
          () -> {
            float sum = 0;
            for (int j = 0; j < 100; j++) {
              sum += predict(cache, loads, value);
            }
            return sum;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Float>> results = threads.invokeAll(tasks, 60, TimeUnit.SECONDS);
    threads.shutdown();
    for (int i = 0; i < 8; i++) {
      assertThat(results.get(i).get()).isEqualTo(300f * i);
    }
    assertThat(loads).hasValue(1);
  }

  private static float predict(NetworkCache cache, AtomicInteger loads, float value) {
    try (NetworkCache.Lease lease =
            cache.acquire(
                KEY,
                () -> {
                  loads.incrementAndGet();
                  return new Weighted(3);
                });
        InputBatch batch = new InputBatch(SCALAR, HandleInvalid.ERROR, 1)) {
      batch.add(value);
      return lease.network().predict(batch, 1)[0][0];
    }
  }

  @Test
  void freesANetworkSomeTimeAfterItsLastUse() throws Exception {
    NetworkCache cache = new NetworkCache(Duration.ofMillis(200));
    NetworkCache.Lease first = cache.acquire(KEY, () -> new Weighted(1));
    NetworkCache.Lease second = cache.acquire(KEY, () -> new Weighted(1));
    first.close();
    first.close();
    Thread.sleep(400);
    assertThat(cache.size()).isEqualTo(1);
    second.close();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (cache.size() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertThat(cache.size()).isZero();
    InputBatch batch = new InputBatch(SCALAR, HandleInvalid.ERROR, 1);
    assertThat(batch.add(1f)).isTrue();
    assertThatThrownBy(() -> second.network().predict(batch, 1))
        .isInstanceOf(IllegalStateException.class);
    batch.close();
    assertThat(predict(cache, new AtomicInteger(), 5)).isEqualTo(15);
  }

  @Test
  void keepsNetworksOfModelsApart() {
    NetworkCache cache = new NetworkCache(Duration.ofMinutes(1));
    NetworkCache.Key other = new NetworkCache.Key("b", Device.cpu());
    try (NetworkCache.Lease a = cache.acquire(KEY, () -> new Weighted(1));
        NetworkCache.Lease b = cache.acquire(other, () -> new Weighted(2))) {
      assertThat(a.network()).isNotSameAs(b.network());
      assertThat(cache.size()).isEqualTo(2);
    }
  }

  @Test
  void triesAgainAfterAFailure() {
    NetworkCache cache = new NetworkCache(Duration.ofMinutes(1));
    assertThatThrownBy(
            () ->
                cache.acquire(
                    KEY,
                    () -> {
                      throw new IllegalStateException("no weights");
                    }))
        .hasMessage("no weights");
    assertThat(predict(cache, new AtomicInteger(), 2)).isEqualTo(6);
  }
}
