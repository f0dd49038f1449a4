package io.fabric4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.Fabric;
import io.fabric4j.FabricFunction;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** W ranks equal one rank on the same global batches: norm-relative 1e-5 after 100 steps. */
class DDPParityTest {
  private static final double TOLERANCE = 1e-5;

  static List<Scenario> scenarios() {
    return Scenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void ranksEqualOneRank(Scenario scenario) {
    byte[] one = launch(1, scenario::run);
    for (int ranks = 2; ranks <= 4; ranks++) {
      assertThat(distance(launch(ranks, scenario::run), one))
          .as("%d ranks", ranks)
          .isLessThanOrEqualTo(TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void unevenShardsEqualOneRank(Scenario scenario) {
    int[][] cases = {{0, 1, 7, 1000}, {1000, 7}, {3, 801, 0}};
    for (int[] shards : cases) {
      byte[] one = launch(1, fabric -> scenario.runOnUnitedShards(fabric, shards));
      byte[] many = launch(shards.length, fabric -> scenario.runOnShards(fabric, shards));
      assertThat(distance(many, one)).as("%d shards", shards.length).isLessThanOrEqualTo(TOLERANCE);
    }
  }

  @Test
  void repeatsExactly() {
    Scenario scenario = new Scenario("cnn", "adamw");
    assertThat(launch(3, scenario::run)).isEqualTo(launch(3, scenario::run));
  }

  static byte[] launch(int ranks, FabricFunction<byte[]> function) {
    try (Fabric fabric = Fabric.builder().devices(ranks).threads(1).build()) {
      return fabric.launch(function);
    }
  }

  private static double distance(byte[] parameters, byte[] reference) {
    ByteBuffer a = ByteBuffer.wrap(parameters);
    ByteBuffer b = ByteBuffer.wrap(reference);
    double difference = 0;
    double norm = 0;
    while (b.hasRemaining()) {
      float expected = b.getFloat();
      difference += Math.pow(a.getFloat() - expected, 2);
      norm += (double) expected * expected;
    }
    return Math.sqrt(difference / norm);
  }
}
