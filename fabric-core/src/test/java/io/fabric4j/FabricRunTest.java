package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose ranks are threads, and which die by an exception. */
@Timeout(120)
class FabricRunTest {
  private static final int ROWS = 60;

  @TempDir private Path folder;

  private RunOptions options(String id) {
    return RunOptions.of(folder.toString(), id);
  }

  private Set<String> files(String id) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(id))) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static float[] train(RunOptions options, int ranks, RunTraining.AfterStep afterStep) {
    FabricBuilder builder = options == null ? Fabric.builder() : Fabric.builder().run(options);
    return Launch.onRanks(builder, ranks, fabric -> new RunTraining(fabric, ROWS, 0).run(afterStep))
        .get(0);
  }

  private static RunTraining.AfterStep dieAt(long step) {
    return run -> {
      if (run.step() == step) {
        throw new IllegalStateException("dies at step " + step);
      }
    };
  }

  private static void die(RunOptions options, int ranks, long step) {
    assertThatThrownBy(() -> train(options, ranks, dieAt(step)))
        .hasMessageContaining("dies at step " + step);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void endsWithTheBitsOfARunThatDidNotDie(int ranks) throws IOException {
    float[] whole = train(null, ranks, run -> {});
    RunOptions options = options("a").everySteps(3);
    long stepsPerEpoch = (ROWS / 3 + ROWS) / RunTraining.BATCH_SIZE / ranks;
    die(options, ranks, 2);
    die(options, ranks, stepsPerEpoch + 2);
    die(options, ranks, 2 * stepsPerEpoch);
    die(options, ranks, 3 * stepsPerEpoch - 1);
    long[] first = new long[1];
    float[] resumed =
        train(options, ranks, run -> first[0] = first[0] == 0 ? run.step() : first[0]);
    assertThat(resumed).isEqualTo(whole);
    assertThat(first[0]).isGreaterThan(2 * stepsPerEpoch);
    assertThat(files("a")).contains("_owner", "_finished").hasSize(5);
  }

  @Test
  void returnsTheResultOfAFinishedRunAtOnce() {
    float[] result = train(options("a"), 2, run -> {});
    assertThat(train(options("a"), 2, dieAt(1))).isEqualTo(result);
    String finished =
        Launch.onRanks(Fabric.builder().run(options("null")), 2, FabricRunTest::resumed).get(0);
    assertThat(finished).isEqualTo("resumed");
  }

  private static String resumed(Fabric fabric) throws IOException {
    fabric.resume(new HashMap<>());
    return "resumed";
  }

  @Test
  void keepsTheLastAndTheBest() throws IOException {
    RunOptions options = options("a").keepLast(1).keepBest(2, "epoch", "min");
    die(options, 1, 3 * 16 + 1);
    assertThat(files("a"))
        .containsExactly(
            "_owner", "step-16.a0.safetensors", "step-32.a0.safetensors", "step-48.a0.safetensors");
    train(options, 1, run -> {});
    assertThat(files("a"))
        .containsExactly(
            "_finished",
            "_owner",
            "step-16.a0.safetensors",
            "step-32.a0.safetensors",
            "step-64.a1.safetensors");
  }

  @Test
  void tellsTheBestOnEveryRank() {
    RunOptions options = options("a").keepBest(1, "loss", "min");
    List<String> best =
        Launch.onRanks(
            Fabric.builder().run(options),
            2,
            fabric -> {
              Map<String, Object> state = new HashMap<>(Map.of("n", 1));
              FabricRun run = fabric.resume(state);
              assertThat(run.best()).isEmpty();
              for (int epoch : run.epochs(3)) {
                run.stepDone();
                run.metric("loss", Math.abs(1 - epoch));
              }
              assertThat(run.metric("loss")).contains(1.0);
              return run.best().orElseThrow();
            });
    assertThat(best).containsOnly(folder.resolve("a/step-2.a0.safetensors").toString());
  }

  @Test
  void takesAnOlderCheckpointIfTheNewestIsDamaged() throws IOException {
    float[] whole = train(null, 2, run -> {});
    die(options("a"), 2, 2 * 8 + 1);
    byte[] bytes = Files.readAllBytes(folder.resolve("a/step-16.a0.safetensors"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(folder.resolve("a/step-16.a0.safetensors"), bytes);
    long[] first = new long[1];
    assertThat(train(options("a"), 2, run -> first[0] = Math.max(first[0], 100 - run.step())))
        .isEqualTo(whole);
    assertThat(first[0]).isEqualTo(100 - 9);
  }

  @Test
  void savesNothingOnceItIsTakenOver() throws IOException {
    RunOptions first = options("a").everySteps(1).writtenBy(new RunWriter("app", 0, 0));
    RunOptions second = first.writtenBy(new RunWriter("app", 0, 1));
    assertThatThrownBy(
            () ->
                train(
                    first,
                    1,
                    run -> {
                      if (run.step() == 5) {
                        die(second, 1, 20);
                      }
                    }))
        .hasMessageContaining("Cannot save checkpoint " + folder.resolve("a/step-5.a0.safetensors"))
        .hasMessageContaining(
            "app (launched 1970-01-01T00:00:00Z, attempt 1) on localhost has taken it over");
    assertThat(files("a"))
        .containsExactly(
            "_owner", "step-17.a1.safetensors", "step-18.a1.safetensors", "step-19.a1.safetensors");
  }

  @Test
  void warnsOrFailsIfItCannotBeExact() throws IOException {
    die(options("a"), 2, 9);
    assertThatThrownBy(() -> train(options("a").exactResume("require"), 3, run -> {}))
        .hasMessageContaining(
            "The run cannot go on exactly from "
                + folder.resolve("a/step-8.a0.safetensors")
                + ": it was saved by 2 ranks and goes on with 3. Bring back the data and the number"
                + " of ranks, choose another run id, or set exactResume to warn. Nothing was"
                + " restored.");
    train(options("a"), 3, run -> {});
    assertThat(files("a")).contains("_finished");
  }

  @Test
  void loadsTheNewestOfARunThatOthersTrain() throws IOException {
    train(options("a"), 1, run -> {});
    try (Fabric fabric = Fabric.builder().build()) {
      Map<String, Object> rest = fabric.loadNewest(options("a").folder(), Map.of());
      assertThat(rest).containsKeys("model", "optimizer", "run", "sum");
      assertThat(((Map<?, ?>) rest.get("model")).values()).allMatch(v -> v instanceof NDArray);
      assertThatThrownBy(() -> fabric.loadNewest(folder.resolve("b").toString(), Map.of()))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessage(
              "There is no complete checkpoint in "
                  + folder.resolve("b")
                  + ". Name the folder of a run: its directory and its id.");
    }
  }

  @Test
  void rejectsMisuse() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      assertThatThrownBy(() -> fabric.resume(new HashMap<>(Map.of("run", 1))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The state has the key 'run', which the run uses itself. Rename it.");
      assertThatThrownBy(() -> fabric.resume(Map.of("n", 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The state is an unmodifiable Map, but its plain values are replaced by those of the"
                  + " checkpoint. Pass a HashMap.");
      FabricRun run = fabric.resume(new HashMap<>());
      assertThatThrownBy(() -> fabric.resume(new HashMap<>()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("fabric.resume was called before. Use the FabricRun that it returned.");
      FabricDataLoader late = fabric.setupDataloaders(FabricDataLoader.of(new NumberedRows(0, 3)));
      assertThatThrownBy(() -> run.iterate(late))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "This data loader is none of the 0 whose place the run keeps. Call"
                  + " fabric.setupDataloaders before fabric.resume, and leave it out of the"
                  + " state.");
    }
  }

  @Test
  void namesAFolderThatCannotBeWritten() {
    RunOptions options = RunOptions.of("/proc/version", "a");
    assertThatThrownBy(() -> train(options, 2, run -> {}))
        .hasMessageContaining("/proc/version/a/_");
  }
}
