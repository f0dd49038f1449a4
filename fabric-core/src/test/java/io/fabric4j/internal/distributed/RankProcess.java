package io.fabric4j.internal.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.internal.torch.TorchThread;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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

  /** Starts a rank of the first launch, which ends with an error, and then of a second one. */
  static RankProcess start(Place place, Path folder, int rank, int size, String... scenario)
      throws IOException {
    Path output = Files.createTempFile(folder, "output-" + rank + "-", ".txt");
    List<String> options =
        List.of(
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=" + (scenario[1].equals("benchmark") ? 4 : 1));
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arguments.addAll(List.of(Integer.toString(rank), Integer.toString(size)));
    arguments.addAll(List.of(scenario));
    Process process =
        place.java(options, RankProcess.class, arguments).redirectOutput(output.toFile()).start();
    return new RankProcess(process, output);
  }

  Process process() {
    return process;
  }

  String output() throws IOException {
    return Files.readString(output);
  }

  /** Arguments: folder, rank, size, transport, and elements, {@code again} or {@code benchmark}. */
  public static void main(String[] args) throws Exception {
    TorchLibrary.load();
    String scenario = args[4];
    try (TorchThread torch = TorchThread.enter(1, false);
        NDManager manager = NDManager.newBaseManager()) {
      if (scenario.equals("benchmark")) {
        launch(args, "first", group -> benchmark(group, manager));
        return;
      }
      if (!scenario.equals("again")) {
        try {
          launch(args, "first", group -> reduceForever(group, manager, Integer.parseInt(scenario)));
        } catch (ProcessGroupException e) {
          System.out.println(e);
        }
      }
      launch(
          args, "second", group -> System.out.println("again " + group.allGatherObject(args[1])));
    }
  }

  private static void launch(String[] args, String name, Ranks.Action action) throws Exception {
    int rank = Integer.parseInt(args[1]);
    InetAddress address = Place.ownAddress();
    GroupOptions options =
        GroupOptions.defaults()
            .withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(4))
            .withEncryption(args[3].equals("encrypted"))
            .withTransport(args[3].equals("encrypted") ? Transport.TCP : Transport.of(args[3]));
    Path folder = Files.createDirectories(Path.of(args[0]).resolve(name));
    try (GroupBootstrap bootstrap =
            GroupBootstrap.open(address, address.getHostAddress(), Ranks.KEY, options);
        ProcessGroup group =
            bootstrap.join(
                rank,
                FileRendezvous.exchange(
                    folder, rank, Integer.parseInt(args[2]), bootstrap.endpoint()))) {
      action.run(group);
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
      int calls = Math.max(10, Math.min(200, (1 << 24) / length));
      double inPlace = millis(group, allocated, calls);
      double copied = millis(group, plain, calls);
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
    for (int i = -5; i < calls; i++) {
      long start = System.nanoTime();
      group.allReduce(array, ReduceOp.SUM).waitFor();
      millis[Math.max(i, 0)] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return millis[calls / 2];
  }
}
