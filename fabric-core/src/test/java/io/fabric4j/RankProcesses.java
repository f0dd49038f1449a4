package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.FileRendezvous;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.Place;
import io.fabric4j.internal.distributed.Transport;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs ranks as processes of their own, which meet through files. */
public final class RankProcesses {
  private static final byte[] KEY = new byte[32];
  private static final List<String> JAVA_OPTIONS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private RankProcesses() {}

  /**
   * Starts a class whose {@code main} calls {@link #run} once per rank and returns the results.
   *
   * @param folder for the files of this one call
   */
  public static List<byte[]> results(Path folder, int ranks, Class<?> main, String... arguments)
      throws Exception {
    return results(folder, Collections.nCopies(ranks, Place.HERE), main, arguments);
  }

  /** Like the other one, with the place of each rank. */
  public static List<byte[]> results(
      Path folder, List<Place> places, Class<?> main, String... arguments) throws Exception {
    return results(folder, start(folder, places, main, arguments));
  }

  /** Starts the ranks' processes. */
  static List<Process> start(Path folder, List<Place> places, Class<?> main, String... arguments)
      throws Exception {
    Files.createDirectories(folder);
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < places.size(); rank++) {
      List<String> all = new ArrayList<>();
      all.addAll(
          List.of(folder.toString(), Integer.toString(rank), Integer.toString(places.size())));
      all.addAll(List.of(arguments));
      processes.add(
          places
              .get(rank)
              .java(JAVA_OPTIONS, main, all)
              .redirectOutput(folder.resolve("log-" + rank).toFile())
              .start());
    }
    return processes;
  }

  /** Waits for processes and returns the results. */
  static List<byte[]> results(Path folder, List<Process> processes) throws Exception {
    List<byte[]> results = new ArrayList<>();
    for (int rank = 0; rank < processes.size(); rank++) {
      assertThat(processes.get(rank).waitFor(120, TimeUnit.SECONDS)).isTrue();
      Path log = folder.resolve("log-" + rank);
      assertThat(processes.get(rank).exitValue()).as(Files.readString(log)).isZero();
      results.add(Files.readAllBytes(folder.resolve("result-" + rank)));
    }
    return results;
  }

  /** Runs a rank as {@link #run(String[], Transport, FabricOptions, FabricFunction)}. */
  public static void run(String[] args, Transport transport, FabricFunction<byte[]> function)
      throws Exception {
    run(args, transport, Fabric.builder().strategy("ddp").threads(1).options(), function);
  }

  /**
   * Runs a rank in its process and hands its result to {@link #results}.
   *
   * @param args of the process: folder, rank, ranks, then those of the caller
   */
  static void run(
      String[] args,
      Transport transport,
      FabricOptions fabricOptions,
      FabricFunction<byte[]> function)
      throws Exception {
    Path folder = Path.of(args[0]);
    int rank = Integer.parseInt(args[1]);
    int ranks = Integer.parseInt(args[2]);
    GroupOptions options = GroupOptions.defaults().withTransport(transport);
    InetAddress address = Place.ownAddress();
    try (GroupBootstrap bootstrap =
            GroupBootstrap.open(address, address.getHostAddress(), KEY, options);
        ProcessGroup group =
            bootstrap.join(
                rank, FileRendezvous.exchange(folder, rank, ranks, bootstrap.endpoint()))) {
      byte[] result =
          RankRunner.run(
              fabricOptions,
              RankInfo.of(rank, Collections.nCopies(ranks, "localhost")),
              group,
              new LocalCheckpointIO(),
              System.out::println,
              function);
      Files.write(folder.resolve("result-" + rank), result);
    }
  }
}
