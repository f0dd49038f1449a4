package io.fabric4j.internal.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.internal.torch.TorchThread;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** One rank as a process of its own; a folder serves as the rendezvous. */
final class RankProcess {
  private final Process process;
  private final Path output;

  private RankProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static RankProcess start(Path folder, int rank, int size, Transport transport, String scenario)
      throws IOException {
    Path output = folder.resolve("output-" + rank);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                RankProcess.class.getName(),
                folder.toString(),
                Integer.toString(rank),
                Integer.toString(size),
                transport.label(),
                scenario)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new RankProcess(process, output);
  }

  Process process() {
    return process;
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  public static void main(String[] args) throws Exception {
    int rank = Integer.parseInt(args[1]);
    GroupOptions options =
        GroupOptions.defaults()
            .withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(4))
            .withTransport(Transport.of(args[3]));
    TorchLibrary.load();
    try (TorchThread torch = TorchThread.enter(1, false);
        GroupBootstrap bootstrap =
            GroupBootstrap.open(InetAddress.getLoopbackAddress(), "127.0.0.1", Ranks.KEY, options);
        ProcessGroup group =
            bootstrap.join(
                rank,
                FileRendezvous.exchange(
                    Path.of(args[0]), rank, Integer.parseInt(args[2]), bootstrap.endpoint()));
        NDManager manager = NDManager.newBaseManager()) {
      if (args[4].equals("benchmark")) {
        benchmark(group, manager);
      } else {
        reduceForever(group, manager, Integer.parseInt(args[4]));
      }
    }
  }

  private static void reduceForever(ProcessGroup group, NDManager manager, int length) {
    NDArray array = group.allocate(manager, new Shape(length), DataType.FLOAT32);
    for (int i = 0; true; i++) {
      group.allReduce(array, ReduceOp.AVG).waitFor();
      if (i == 10) {
        System.out.println("running");
      }
    }
  }

  private static void benchmark(ProcessGroup group, NDManager manager) {
    millis(group, manager.zeros(new Shape(1)), 5000);
    for (int length : List.of(1 << 10, 1 << 16, 1 << 20, 1 << 22)) {
      NDArray allocated = group.allocate(manager, new Shape(length), DataType.FLOAT32);
      NDArray plain = manager.zeros(new Shape(length), DataType.FLOAT32);
      double inPlace = millis(group, allocated, 200);
      double copied = millis(group, plain, 200);
      if (group.rank() == 0) {
        System.out.printf(
            "%s, %d ranks, %8d floats: %8.3f ms, plain array %8.3f ms%n",
            group.transport(), group.size(), length, inPlace, copied);
      }
    }
  }

  /** Returns the median time of one call. */
  private static double millis(ProcessGroup group, NDArray array, int calls) {
    double[] millis = new double[calls];
    for (int i = -20; i < calls; i++) {
      long start = System.nanoTime();
      group.allReduce(array, ReduceOp.SUM).waitFor();
      millis[Math.max(i, 0)] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return millis[calls / 2];
  }
}
