package io.fabric4j;

import static io.fabric4j.FabricMethodsTest.INPUT;
import static io.fabric4j.FabricMethodsTest.OPTIMIZER;
import static io.fabric4j.FabricMethodsTest.RANKS;
import static io.fabric4j.FabricMethodsTest.asRank;
import static io.fabric4j.FabricMethodsTest.backward;
import static io.fabric4j.FabricMethodsTest.model;
import static io.fabric4j.FabricMethodsTest.weight;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.strategies.DDPStrategy;
import io.fabric4j.strategies.FlatModel;
import io.fabric4j.strategies.GradientSynchronizer;
import io.fabric4j.strategies.Strategy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When noBackwardSync communicates, and when it warns. */
@Timeout(60)
class NoBackwardSyncTest {

  @Test
  void communicatesInTheLastOfEightSteps() {
    List<float[]> gradients =
        Launch.onRanks(
            RANKS,
            fabric -> {
              RecordingGroup recording = new RecordingGroup(fabric.processGroup());
              return asRank(
                  fabric, recording.group(), line -> {}, rank -> accumulate(rank, recording));
            });
    assertThat(gradients).allSatisfy(rank -> assertThat(rank).containsOnly(16));
  }

  private static float[] accumulate(Fabric fabric, RecordingGroup recording) {
    FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
    recording.take();
    for (int batch = 1; batch <= 8; batch++) {
      boolean isAccumulating = batch % 8 != 0;
      try (NoBackwardSync window = fabric.noBackwardSync(setup.block(), isAccumulating)) {
        backward(fabric, setup);
      }
      if (isAccumulating) {
        assertThat(recording.take()).isEmpty();
      } else {
        assertThat(recording.take()).contains("allReduce");
      }
    }
    return weight(setup).getGradient().toFloatArray();
  }

  @Test
  void isNoOperationOnASingleDevice() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
      for (int batch = 1; batch <= 8; batch++) {
        try (NoBackwardSync window = fabric.noBackwardSync(setup.block(), batch % 8 != 0)) {
          backward(fabric, setup);
        }
        assertThat(weight(setup).getGradient().getFloat(0, 0)).isEqualTo(batch);
      }
    }
  }

  /** A strategy that reduces in each backward. */
  private record Eager() implements Strategy {
    @Override
    public String name() {
      return "eager";
    }

    @Override
    public GradientSynchronizer setup(FlatModel model, ProcessGroup group) {
      return new DDPStrategy().setup(model, group);
    }

    @Override
    public boolean supportsNoBackwardSync() {
      return false;
    }
  }

  @Test
  void warnsOnceAndSynchronizesWhereItIsNotSupported() {
    PrintStream original = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      List<float[]> gradients =
          Launch.onRanks(
              Fabric.builder().devices(RANKS).strategy(new Eager()),
              fabric -> {
                FabricSetup setup = fabric.setup(model(), INPUT, OPTIMIZER);
                for (int batch = 0; batch < 2; batch++) {
                  try (NoBackwardSync window = fabric.noBackwardSync(setup.block())) {
                    backward(fabric, setup);
                  }
                }
                return weight(setup).getGradient().toFloatArray();
              });
      assertThat(gradients).allSatisfy(rank -> assertThat(rank).containsOnly(4));
    } finally {
      System.setErr(original);
    }
    List<String> warnings =
        captured.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("WARN")).toList();
    assertThat(warnings).hasSize(RANKS);
    for (int rank = 0; rank < RANKS; rank++) {
      String expected =
          "[rank "
              + rank
              + "/3] noBackwardSync has no effect: strategy 'eager' synchronizes each"
              + " backward.";
      assertThat(warnings).anySatisfy(line -> assertThat(line).endsWith(expected));
    }
  }
}
