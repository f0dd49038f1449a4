package io.fabric4j.benchmark;

import io.fabric4j.Fabric;
import io.fabric4j.FabricOptions;
import io.fabric4j.KernelOptions;
import io.fabric4j.RankOutput;
import io.fabric4j.RankRunner;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.FileRendezvous;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.precision.Precision;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What ddp adds to the step of two ranks: each of the two trains a model of its own, at the same
 * time as the other, and both train one together, in turns.
 */
final class TwoRanks {
  private static final int RANKS = 2;
  private static final byte[] KEY = "only this host's".getBytes(StandardCharsets.US_ASCII);

  private TwoRanks() {}

  /** Returns the microseconds of a step alone and of one together, and their ratio. */
  static double[] asThreads(StepModel model) {
    try (Fabric fabric = Fabric.builder().devices(RANKS).threads(1).flushDenormals(true).build()) {
      return fabric.launch(rank -> measure(rank, model));
    }
  }

  /** Like {@link #asThreads}, with two JVMs that meet in a folder. */
  static double[] asProcesses(StepModel model, Path folder)
      throws IOException, InterruptedException {
    Path meeting = Files.createDirectory(folder.resolve(model.name()));
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  TwoRanks.class.getName(),
                  model.name(),
                  meeting.toString(),
                  Integer.toString(rank))
              .redirectOutput(new File(meeting.toFile(), "output-" + rank))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    }
    for (Process process : processes) {
      if (process.waitFor() != 0) {
        throw new IOException("A rank has ended with " + process.exitValue() + ".");
      }
    }
    String[] words = Files.readString(meeting.resolve("output-0")).trim().split(" ");
    return Arrays.stream(words).mapToDouble(Double::parseDouble).toArray();
  }

  /** Runs as one rank. Arguments: the model, the folder, the rank. */
  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    int rank = Integer.parseInt(args[2]);
    try (GroupBootstrap bootstrap =
            GroupBootstrap.open(loopback, loopback.getHostAddress(), KEY, GroupOptions.defaults());
        ProcessGroup group =
            bootstrap.join(
                rank,
                FileRendezvous.exchange(Path.of(args[1]), rank, RANKS, bootstrap.endpoint()))) {
      FabricOptions options =
          new FabricOptions(
              "cpu",
              List.of("cpu"),
              null,
              Precision.TRUE_32,
              new KernelOptions(1, true, KernelOptions.DEFAULT.matmulPrecision(), false),
              FabricOptions.Plugins.NONE,
              null);
      double[] times =
          RankRunner.run(
              options,
              RankInfo.of(rank, Collections.nCopies(RANKS, "localhost")),
              group,
              new LocalCheckpointIO(),
              (RankOutput) System.err::println,
              fabric -> measure(fabric, StepModel.valueOf(args[0])));
      System.out.println(times[0] + " " + times[1] + " " + times[2]);
    }
  }

  private static double[] measure(Fabric rank, StepModel model) {
    try (Fabric alone = Fabric.builder().threads(1).flushDenormals(true).build()) {
      FabricStep own = new FabricStep(alone, model, new StepRows(model, alone.manager()));
      FabricStep shared = new FabricStep(rank, model, new StepRows(model, rank.manager()));
      double[][] times = StepTimes.alternate(model.steps(), rank::barrier, own::run, shared::run);
      return new double[] {
        mean(rank, Results.median(times[0])),
        mean(rank, Results.median(times[1])),
        mean(rank, StepTimes.ratio(times[1], times[0]))
      };
    }
  }

  private static double mean(Fabric rank, double value) {
    return rank.processGroup().allGatherObject(value).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }
}
