package io.fabric4j.internal.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.Launch;
import io.fabric4j.NoBackwardSync;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.distributed.Transport;
import io.fabric4j.optim.AdamW;
import io.fabric4j.strategies.FlatModel;
import io.fabric4j.strategies.GradientSynchronizer;
import io.fabric4j.strategies.Strategy;
import java.io.Serializable;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets that are launched while backward runs, in the same thread or, over TCP, beside it. */
@Timeout(60)
class EarlyBucketTest {
  private static final int SIZE = 600;

  /** DDP that tells how many buckets each backward launched before it ended. */
  private record EarlyStrategy(boolean early) implements Strategy {
    @Override
    public String name() {
      return "ddp";
    }

    @Override
    public GradientSynchronizer setup(FlatModel model, ProcessGroup group) {
      BucketSum sum = new BucketSum(model, group, early);
      return new Observed(new Reducer(model, group, sum), sum, new SingleProcessGroup());
    }
  }

  /** Early buckets over a TCP group of the same ranks, whose collectives run beside backward. */
  private record TcpStrategy() implements Strategy {
    @Override
    public String name() {
      return "ddp";
    }

    @Override
    public GradientSynchronizer setup(FlatModel model, ProcessGroup group) {
      GroupOptions options = GroupOptions.defaults().withTransport(Transport.TCP);
      InetAddress loopback = InetAddress.getLoopbackAddress();
      byte[] key = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
      try (GroupBootstrap bootstrap = GroupBootstrap.open(loopback, "127.0.0.1", key, options)) {
        ProcessGroup tcp =
            bootstrap.join(group.rank(), group.allGatherObject(bootstrap.endpoint()));
        BucketSum sum = new BucketSum(model, tcp, tcp.isAsynchronous());
        return new Observed(new Reducer(model, tcp, sum), sum, tcp);
      }
    }
  }

  private record Observed(Reducer reducer, BucketSum sum, ProcessGroup own)
      implements GradientSynchronizer {
    private static final ThreadLocal<List<Integer>> LAUNCHED =
        ThreadLocal.withInitial(ArrayList::new);

    @Override
    public void beforeForward(int source) {
      reducer.beforeForward(source);
    }

    @Override
    public void beforeBackward() {
      reducer.beforeBackward();
    }

    @Override
    public void afterBackward() {
      LAUNCHED.get().add(sum.launched());
      reducer.afterBackward();
    }

    @Override
    public void close() {
      reducer.close();
      own.close();
    }
  }

  /** What a rank saw: parameters after training, and buckets launched early per backward. */
  private record Seen(float[] parameters, ArrayList<Integer> launched) implements Serializable {}

  private static Block network() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(SIZE).build())
        .add(Linear.builder().setUnits(SIZE).build())
        .add(Linear.builder().setUnits(SIZE).build());
  }

  private static void backward(Fabric fabric, FabricSetup setup, int step) {
    try (NDManager scope = fabric.manager().newSubManager()) {
      NDArray data =
          scope.arange((float) SIZE).div(100f + step + fabric.globalRank()).sin().reshape(1, SIZE);
      NDArray output = setup.block().forward(data);
      fabric.backward(
          Loss.l2Loss().evaluate(new NDList(scope.ones(new Shape(1, SIZE))), new NDList(output)));
    }
  }

  private static Seen train(Fabric fabric, boolean windows) {
    fabric.seedEverything(2);
    FabricSetup setup =
        fabric.setup(network(), new Shape(1, SIZE), AdamW.builder().learningRate(1e-3).build());
    Observed.LAUNCHED.get().clear();
    for (int step = 0; step < 4; step++) {
      setup.optimizer().zeroGrad();
      if (windows) {
        try (NoBackwardSync window = fabric.noBackwardSync(setup.block())) {
          backward(fabric, setup, 10 + step);
        }
      }
      backward(fabric, setup, step);
      setup.optimizer().step();
    }
    NDArray weights = setup.block().unwrap().getParameters().valueAt(0).getArray();
    return new Seen(weights.toFloatArray(), new ArrayList<>(Observed.LAUNCHED.get()));
  }

  private static List<Seen> run(int ranks, boolean early, boolean windows) {
    return run(ranks, new EarlyStrategy(early), windows);
  }

  private static List<Seen> run(int ranks, Strategy strategy, boolean windows) {
    return Launch.onRanks(
        Fabric.builder().accelerator("cpu").strategy(strategy),
        ranks,
        fabric -> train(fabric, windows));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void earlyBucketsGiveTheSameValues(int ranks) {
    List<Seen> late = run(ranks, false, false);
    List<Seen> early = run(ranks, true, false);
    for (int rank = 0; rank < ranks; rank++) {
      assertThat(early.get(rank).parameters()).isEqualTo(late.get(rank).parameters());
      assertThat(early.get(rank).launched()).containsExactly(1, 1, 1, 1);
      assertThat(late.get(rank).launched()).containsExactly(0, 0, 0, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void bucketsBesideBackwardGiveTheSameValues(int ranks) {
    List<Seen> late = run(ranks, false, false);
    List<Seen> beside = run(ranks, new TcpStrategy(), false);
    for (int rank = 0; rank < ranks; rank++) {
      assertThat(beside.get(rank).parameters()).isEqualTo(late.get(rank).parameters());
      assertThat(beside.get(rank).launched()).containsExactly(1, 1, 1, 1);
    }
  }

  @Test
  void theLastBackwardOfAWindowLaunchesEarlyToo() {
    List<Seen> late = run(2, false, true);
    List<Seen> early = run(2, true, true);
    assertThat(early.get(0).parameters()).isEqualTo(late.get(0).parameters());
    assertThat(early.get(0).launched()).containsExactly(1, 1, 1, 1);
  }

  @Test
  void aGradientThatWasReducedIsNotLaunchedBeforeItIsDropped() {
    List<ArrayList<Integer>> launched =
        Launch.onRanks(
            Fabric.builder().accelerator("cpu").strategy(new EarlyStrategy(true)),
            2,
            fabric -> {
              FabricSetup setup =
                  fabric.setup(network(), new Shape(1, SIZE), AdamW.builder().build());
              Observed.LAUNCHED.get().clear();
              backward(fabric, setup, 0);
              backward(fabric, setup, 1);
              return new ArrayList<>(Observed.LAUNCHED.get());
            });
    assertThat(launched.get(0)).containsExactly(1, 0);
  }

  @Test
  void aPeersFailureSurfacesAfterBackward() {
    AtomicReference<String> seen = new AtomicReference<>();
    assertThatThrownBy(
        () ->
            Launch.onRanks(
                Fabric.builder().accelerator("cpu").strategy(new EarlyStrategy(true)),
                2,
                fabric -> {
                  FabricSetup setup =
                      fabric.setup(network(), new Shape(1, SIZE), AdamW.builder().build());
                  if (fabric.globalRank() == 1) {
                    throw new IllegalStateException("out of patience");
                  }
                  try {
                    backward(fabric, setup, 0);
                  } catch (ProcessGroupException e) {
                    seen.set(e.getMessage());
                  }
                  return "";
                }));
    assertThat(seen.get()).contains("allReduce").contains("out of patience");
  }
}
