package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalLauncherTest {

  private static <R> R launch(int ranks, FabricFunction<R> function) {
    try (Fabric fabric = Fabric.builder().devices(ranks).threads(1).build()) {
      return fabric.launch(function);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void returnsTheResultOfRank0(int ranks) {
    assertThat(
            LocalLauncherTest.<String>launch(
                ranks, fabric -> "rank " + fabric.globalRank() + " of " + fabric.worldSize()))
        .isEqualTo("rank 0 of " + ranks);
    assertThat(LocalLauncherTest.<String>launch(ranks, fabric -> null)).isNull();
  }

  @Test
  void tellsRanksWhoTheyAre() {
    List<String> ranks =
        Launch.onRanks(
            3,
            fabric ->
                "%d %d %d %d %b %s"
                    .formatted(
                        fabric.globalRank(),
                        fabric.localRank(),
                        fabric.nodeRank(),
                        fabric.worldSize(),
                        fabric.isGlobalZero(),
                        fabric.strategy().name()));
    assertThat(ranks).containsExactly("0 0 0 3 true ddp", "1 1 0 3 false ddp", "2 2 0 3 false ddp");
  }

  @Test
  void printsOnRank0Only() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      launch(
          3,
          fabric -> {
            fabric.print("hello from " + fabric.globalRank());
            fabric.print(null);
            return null;
          });
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("hello from 0", "null");
  }

  /** The other ranks wait in a collective that the failing rank never joins. */
  @ParameterizedTest
  @CsvSource({"2, 0", "2, 1", "4, 2"})
  @Timeout(20)
  void throwsTheExceptionOfTheRankThatFailed(int ranks, int failing) {
    IllegalStateException failure = new IllegalStateException("no such file");
    assertThatThrownBy(
            () ->
                launch(
                    ranks,
                    fabric -> {
                      NDArray array = fabric.manager().ones(new Shape(3));
                      fabric.processGroup().allReduce(array, ReduceOp.SUM).waitFor();
                      if (fabric.globalRank() == failing) {
                        throw failure;
                      }
                      fabric.barrier();
                      return null;
                    }))
        .isSameAs(failure);
    assertThat(Launch.onRanks(ranks, fabric -> "again")).hasSize(ranks).containsOnly("again");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Timeout(20)
  void wrapsCheckedExceptions(int ranks) {
    IOException failure = new IOException("disk full");
    assertThatThrownBy(
            () ->
                launch(
                    ranks,
                    fabric -> {
                      if (fabric.globalRank() == ranks - 1) {
                        throw failure;
                      }
                      fabric.barrier();
                      return null;
                    }))
        .isInstanceOf(FabricException.class)
        .hasMessage("disk full")
        .hasCause(failure);
  }

  @Test
  @Timeout(20)
  void throwsErrorsAsTheyAre() {
    AssertionError failure = new AssertionError("wrong");
    assertThatThrownBy(
            () ->
                launch(
                    2,
                    fabric -> {
                      if (fabric.globalRank() == 1) {
                        throw failure;
                      }
                      fabric.barrier();
                      return null;
                    }))
        .isSameAs(failure);
  }

  @Test
  @Timeout(20)
  void tellsTheOtherRanksWhoFailed() {
    String[] message = new String[1];
    assertThatThrownBy(
            () ->
                launch(
                    2,
                    fabric -> {
                      if (fabric.globalRank() == 1) {
                        throw new IllegalArgumentException("bad row 7");
                      }
                      try {
                        fabric.barrier();
                      } catch (ProcessGroupException e) {
                        message[0] = e.getMessage();
                      }
                      return null;
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bad row 7");
    assertThat(message[0]).startsWith("[rank 0/2] barrier").contains("rank 1", "bad row 7");
  }

  @Test
  @Timeout(20)
  void endsTheRanksWhenTheCallerIsInterrupted() throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread caller =
        new Thread(
            () -> {
              try {
                launch(
                    2,
                    fabric -> {
                      Thread.sleep(60_000);
                      return null;
                    });
              } catch (FabricException e) {
                thrown[0] = e;
              }
            });
    caller.start();
    Thread.sleep(1_000);
    caller.interrupt();
    caller.join();
    assertThat(thrown[0]).hasMessage("Interrupted while the ranks were running.");
  }
}
