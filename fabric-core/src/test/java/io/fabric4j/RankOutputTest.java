package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.monitoring.EpochProgress.StepTimes;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.SGD;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankOutputTest {
  private static final int ROWS = 10;
  private static final int BATCH = 4;

  /** Keeps all that it is told. */
  private static final class Recorder implements RankOutput {
    private final List<EpochProgress> progress = new ArrayList<>();
    private final List<List<Double>> rates = new ArrayList<>();
    private final List<Double> norms = new ArrayList<>();
    private final Map<String, Long> files = new ConcurrentHashMap<>();
    private String explanation;
    private final Map<Long, Map<String, Double>> metrics = new LinkedHashMap<>();

    @Override
    public void print(String line) {}

    @Override
    public void saved(String path, long bytes) {
      files.put(path, bytes);
    }

    @Override
    public void metrics(Map<String, Double> values, long step) {
      metrics.put(step, values);
    }

    @Override
    public void trained(EpochProgress latest, State state) {
      progress.add(latest);
      rates.add(state.learningRates());
      norms.add(state.gradientNorm());
      explanation = state.explain();
    }
  }

  private static final float RATE = 1e-4f;

  private static Recorder run(FabricFunction<Object> function) throws Exception {
    Recorder recorder = new Recorder();
    try (SingleProcessGroup group = new SingleProcessGroup()) {
      RankRunner.run(
          Fabric.builder().threads(1).options(),
          RankInfo.single(),
          group,
          new LocalCheckpointIO(),
          recorder,
          function);
    }
    return recorder;
  }

  private static FabricDataLoader loader(Fabric fabric) {
    return fabric.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, ROWS)).batchSize(BATCH));
  }

  private static Object train(Fabric fabric) throws InterruptedException {
    FabricSetup setup =
        fabric.setup(
            Linear.builder().setUnits(1).build(),
            new Shape(1, 1),
            SGD.builder().learningRate(RATE).build());
    FabricDataLoader train = loader(fabric);
    FabricDataLoader test = loader(fabric);
    for (int epoch = 0; epoch < 2; epoch++) {
      for (FabricBatch batch : train) {
        Thread.sleep(2);
        NDArray outputs = setup.block().forward(batch.getData()).singletonOrThrow();
        NDArray loss = outputs.sub(batch.getLabels().singletonOrThrow()).square().mean();
        fabric.backward(loss);
        setup.optimizer().step();
        setup.optimizer().zeroGrad();
      }
      for (FabricBatch batch : test) {
        setup.block().evaluate(batch.getData());
      }
    }
    return null;
  }

  @Test
  void tellsHowFarTrainingLoopsAre() throws Exception {
    List<EpochProgress> progress = run(RankOutputTest::train).progress;

    assertThat(progress)
        .extracting(
            EpochProgress::loop,
            EpochProgress::epoch,
            EpochProgress::batches,
            EpochProgress::totalBatches,
            EpochProgress::samples)
        .containsExactly(
            state(0, 1, 4),
            state(0, 2, 8),
            state(0, 3, 10),
            state(0, 3, 10),
            state(1, 1, 4),
            state(1, 2, 8),
            state(1, 3, 10),
            state(1, 3, 10));
  }

  private static Tuple state(int loop, long batches, long samples) {
    return tuple(loop, (long) loop, batches, 3L, samples);
  }

  @Test
  void tellsWhereTheTimeGoes() throws Exception {
    EpochProgress last = run(RankOutputTest::train).progress.get(3);
    StepTimes times = last.times();

    assertThat(times.forwardNanos()).isPositive();
    assertThat(times.backwardNanos()).isPositive();
    assertThat(times.optimizerNanos()).isPositive();
    assertThat(times.dataNanos()).isPositive();
    assertThat(times.syncNanos()).isNotNegative();
    assertThat(times.otherNanos()).as("three times 2 ms").isGreaterThanOrEqualTo(6_000_000);
    assertThat(last.samplesPerSecond())
        .isEqualTo(ROWS * 1e9 / times.totalNanos())
        .isLessThan(ROWS / 0.006);
  }

  @Test
  void tellsTheStateOfTheRank() throws Exception {
    double[] norm = new double[1];
    Recorder recorder =
        run(
            fabric -> {
              FabricSetup setup =
                  fabric.setup(
                      Linear.builder().setUnits(1).build(),
                      new Shape(1, 1),
                      SGD.builder().learningRate(RATE).build());
              for (FabricBatch batch : loader(fabric)) {
                fabric.backward(setup.block().forward(batch.getData()).singletonOrThrow().mean());
                norm[0] = fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(1));
                setup.optimizer().setLearningRate(2 * RATE);
                setup.optimizer().zeroGrad();
              }
              return null;
            });

    assertThat(recorder.rates.get(0)).containsExactly((double) RATE);
    assertThat(recorder.rates.get(3)).containsExactly((double) (2 * RATE));
    assertThat(recorder.norms.get(0)).isNaN();
    assertThat(recorder.norms.get(3)).isEqualTo(norm[0]).isPositive();
    assertThat(recorder.explanation).contains("Rank 0 of 1").contains("Data loader of 10 rows");
  }

  @Test
  void tellsOfCompleteCheckpoints(@TempDir Path folder) throws Exception {
    String now = folder.resolve("now.safetensors").toString();
    String later = folder.resolve("later.safetensors").toString();
    Recorder recorder =
        run(
            fabric -> {
              Map<String, Object> state = Map.of("x", fabric.manager().create(2f));
              fabric.save(now, state);
              fabric.saveAsync(later, state);
              return null;
            });

    assertThat(recorder.files)
        .isEqualTo(Map.of(now, Files.size(Path.of(now)), later, Files.size(Path.of(later))));
  }

  @Test
  void passesOnWhatIsLogged() throws Exception {
    Recorder recorder =
        run(
            fabric -> {
              fabric.log("loss", 0.5f, 3);
              fabric.logDict(
                  Map.of(
                      "train", Map.of("hits", 7), "done", true, "x", fabric.manager().create(2f)),
                  4);
              return null;
            });

    assertThat(recorder.metrics)
        .isEqualTo(
            Map.of(3L, Map.of("loss", 0.5), 4L, Map.of("train/hits", 7.0, "done", 1.0, "x", 2.0)));
  }
}
