package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import io.fabric4j.internal.torch.TorchLibrary;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two ranks whose connection leads through somebody else's hands. */
@Timeout(60)
class EncryptionTest {
  private static final float GRADIENT = 0x1.93f7c6p-3f;
  private static final String OBJECT = "an object that nobody else may read";

  @BeforeAll
  static void load() {
    TorchLibrary.load();
  }

  private static GroupOptions options(boolean encrypted) {
    return Ranks.OPTIONS.withTransport(Transport.TCP).withEncryption(encrypted);
  }

  private static List<Outcome<Float>> outcomes(
      boolean encrypted, RecordingProxy[] proxy, Ranks.Function<Float> function) throws Exception {
    List<GroupBootstrap> bootstraps =
        List.of(Ranks.open(options(encrypted)), Ranks.open(options(encrypted)));
    List<String> direct = bootstraps.stream().map(GroupBootstrap::endpoint).toList();
    proxy[0] = new RecordingProxy(direct.get(0));
    List<String> seenByRankOne = List.of(proxy[0].endpoint(), direct.get(1));
    return Ranks.outcomes(bootstraps, rank -> rank == 0 ? direct : seenByRankOne, function);
  }

  private static float exchange(ProcessGroup group) {
    group.allGatherObject(OBJECT);
    float[] gradients = new float[100_000];
    Arrays.fill(gradients, GRADIENT);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array = manager.create(gradients);
      group.allReduce(array, ReduceOp.AVG).waitFor();
      return array.getFloat(99_999);
    }
  }

  private static String textOf(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Returns the bytes of two neighbouring gradients, in native order. */
  private static String gradientBytes() {
    int bits = Integer.reverseBytes(Float.floatToIntBits(GRADIENT));
    byte[] bytes = new byte[8];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (bits >>> (24 - 8 * (i % 4)));
    }
    return textOf(bytes);
  }

  private static String traffic(boolean encrypted) throws Exception {
    RecordingProxy[] proxy = new RecordingProxy[1];
    for (Outcome<Float> outcome : outcomes(encrypted, proxy, EncryptionTest::exchange)) {
      assertThat(outcome.value()).as(String.valueOf(outcome.error())).isEqualTo(GRADIENT);
    }
    try (RecordingProxy closing = proxy[0]) {
      byte[] passed = closing.passed();
      assertThat(passed.length).isGreaterThan(400_000);
      return textOf(passed);
    }
  }

  @Test
  void showsNeitherGradientsNorObjects() throws Exception {
    assertThat(traffic(true)).doesNotContain(gradientBytes()).doesNotContain(OBJECT);
  }

  @Test
  void withoutItBothAreClearButTheKeyIsNot() throws Exception {
    assertThat(traffic(false))
        .contains(gradientBytes())
        .contains(OBJECT)
        .doesNotContain(textOf(Ranks.KEY));
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#betweenHosts")
  void givesTheSameResults(Layout layout) {
    Ranks.runAll(layout.encrypted().inSmallChunks().options(), CollectiveChecks::allReduceOfASlice);
  }

  @Test
  void aChangedByteEndsTheGroupOnBothRanks() throws Exception {
    RecordingProxy[] proxy = new RecordingProxy[1];
    List<Outcome<Float>> outcomes =
        outcomes(
            true,
            proxy,
            group -> {
              group.barrier().waitFor();
              proxy[0].changeByteAfter(200_000);
              group.barrier().waitFor();
              return exchange(group);
            });
    for (Outcome<Float> outcome : outcomes) {
      assertThat(outcome.error()).isInstanceOf(ProcessGroupException.class);
      assertThat(outcome.message())
          .contains("allReduce call #")
          .contains("sent what no rank sends: an encrypted record");
    }
    proxy[0].close();
  }

  @Test
  void ranksThatDisagreeDoNotConnect() {
    GroupOptions hasty =
        Ranks.OPTIONS.withTimeouts(
            Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
    for (Outcome<?> outcome :
        Ranks.outcomes(
            List.of(hasty.withEncryption(true), hasty.withEncryption(false)),
            ProcessGroup::transport)) {
      assertThat(outcome.error()).isInstanceOf(ProcessGroupException.class);
      assertThat(outcome.message()).contains("Not all ranks connected within 1 s: missing rank");
    }
  }
}
