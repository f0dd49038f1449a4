package io.fabric4j;

import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ProcessGroupException;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.ObjectCodec;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs ranks as threads of this process. */
final class LocalLauncher {
  private static final int KEY_BYTES = 32;

  private LocalLauncher() {}

  /** Runs one rank per device of the options; a rank that launches runs the function itself. */
  static <R> R launch(Fabric single, FabricOptions options, FabricFunction<R> function) {
    if (options.devices().size() <= 1) {
      return unchecked(() -> single.runToEnd(function));
    }
    return unchecked(() -> launchThreads(options, function));
  }

  private static <R> R launchThreads(FabricOptions options, FabricFunction<R> function)
      throws Exception {
    byte[] copy = ObjectCodec.encode(options);
    List<String> devices = options.devices();
    int ranks = devices.size();
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    List<GroupBootstrap> bootstraps = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(ranks, LocalLauncher::rankThread);
    try {
      for (int rank = 0; rank < ranks; rank++) {
        bootstraps.add(
            GroupBootstrap.open(loopback, loopback.getHostAddress(), key, GroupOptions.defaults()));
      }
      List<String> endpoints = bootstraps.stream().map(GroupBootstrap::endpoint).toList();
      List<Future<R>> results = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        int self = rank;
        results.add(
            threads.submit(
                () ->
                    runRank(
                        ((FabricOptions) ObjectCodec.decode(copy))
                            .withDevices(devices.subList(self, self + 1)),
                        self,
                        endpoints,
                        bootstraps.get(self),
                        function)));
      }
      return collect(results);
    } finally {
      threads.shutdownNow();
      bootstraps.forEach(GroupBootstrap::close);
    }
  }

  private static Thread rankThread(Runnable code) {
    Thread thread = new Thread(code, "fabric-rank");
    thread.setDaemon(true);
    return thread;
  }

  private static <R> R runRank(
      FabricOptions options,
      int rank,
      List<String> endpoints,
      GroupBootstrap bootstrap,
      FabricFunction<R> function)
      throws Exception {
    List<String> hosts = Collections.nCopies(endpoints.size(), "localhost");
    try (ProcessGroup group = bootstrap.join(rank, endpoints)) {
      return RankRunner.run(
          options,
          RankInfo.of(rank, hosts),
          group,
          new LocalCheckpointIO(),
          System.out::println,
          function);
    }
  }

  /** Waits for all ranks; of several failures, the one that made the others fail is thrown. */
  private static <R> R collect(List<Future<R>> results) throws Exception {
    Throwable cause = null;
    for (Future<R> result : results) {
      try {
        result.get();
      } catch (ExecutionException e) {
        cause = moreTelling(cause, e.getCause());
      }
    }
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause != null) {
      throw (Exception) cause;
    }
    return results.get(0).get();
  }

  private static Throwable moreTelling(Throwable first, Throwable second) {
    return first == null || first instanceof ProcessGroupException ? second : first;
  }

  /** Code that may throw anything. */
  @FunctionalInterface
  private interface Code<R> {
    R run() throws Exception;
  }

  private static <R> R unchecked(Code<R> code) {
    try {
      return code.run();
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException("Interrupted while the ranks were running.", e);
    } catch (Exception e) {
      throw new FabricException(e.getMessage(), e);
    }
  }
}
