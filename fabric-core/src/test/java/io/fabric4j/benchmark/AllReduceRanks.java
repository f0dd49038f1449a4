package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.internal.torch.TorchThread;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Ranks of one group in this JVM that sum arrays when they are told to: each line of standard input
 * is {@code ELEMENTS CALLS}, and the answer the mean time of a call in microseconds. Processes that
 * get the same lines are one group. Started by {@code bench/cpu/collectives}.
 *
 * <p>Arguments: transport ({@code shared-memory}, {@code tcp}, {@code encrypted}), address, folder
 * in which the processes meet, ranks of the group, first rank of this JVM, ranks of this JVM.
 */
public final class AllReduceRanks {
  private static final int MOST_ELEMENTS = 1 << 24;
  private static final int FIRST_CALLS = 5000;

  private AllReduceRanks() {}

  /** One rank and its thread. */
  private static final class Rank {
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private ProcessGroup group;
    private NDManager manager;
    private NDArray array;

    Future<Double> submit(Callable<Double> work) {
      return thread.submit(work);
    }

    Double join(String[] args, int rank) throws Exception {
      TorchThread.enter(1, false);
      group = BenchmarkGroup.of(args).join(rank);
      manager = NDManager.newBaseManager();
      array = group.allocate(manager, new Shape(MOST_ELEMENTS), DataType.FLOAT32);
      return measure(1, FIRST_CALLS);
    }

    Double measure(int elements, int calls) {
      try (NDArray part = array.get("0:" + elements)) {
        run(part, 1 + calls / 4);
        long start = System.nanoTime();
        run(part, calls);
        return (System.nanoTime() - start) / 1e3 / calls;
      }
    }

    private void run(NDArray part, int calls) {
      for (int call = 0; call < calls; call++) {
        group.allReduce(part, ReduceOp.SUM).waitFor();
      }
    }

    Double close() {
      manager.close();
      group.close();
      thread.shutdown();
      return 0.0;
    }
  }

  public static void main(String[] args) throws Exception {
    TorchLibrary.load();
    int first = Integer.parseInt(args[4]);
    List<Rank> ranks = new ArrayList<>();
    List<Future<Double>> joins = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[5]); i++) {
      int rank = first + i;
      Rank added = new Rank();
      ranks.add(added);
      joins.add(added.submit(() -> added.join(args, rank)));
    }
    first(joins);
    System.out.println("ready");
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = commands.readLine()) != null; ) {
      String[] words = line.split(" ");
      int elements = Integer.parseInt(words[0]);
      int calls = Integer.parseInt(words[1]);
      System.out.println(
          first(ranks.stream().map(r -> r.submit(() -> r.measure(elements, calls))).toList()));
    }
    first(ranks.stream().map(rank -> rank.submit(rank::close)).toList());
  }

  /** Waits for all ranks and returns what the first one did. */
  private static double first(List<Future<Double>> futures)
      throws InterruptedException, ExecutionException {
    for (Future<Double> future : futures) {
      future.get();
    }
    return futures.get(0).get();
  }
}
