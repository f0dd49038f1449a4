package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.internal.torch.TorchThread;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Runs the ranks of a group as threads of this JVM. */
public final class Ranks {
  static final byte[] KEY = "0123456789abcdef".getBytes();
  public static final GroupOptions OPTIONS =
      GroupOptions.defaults()
          .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20));

  private Ranks() {}

  public interface Function<T> {
    T run(ProcessGroup group) throws Exception;
  }

  public interface Action {
    void run(ProcessGroup group) throws Exception;
  }

  /**
   * How a rank ended.
   *
   * @param value what it returned
   * @param error what it threw, or null
   */
  public record Outcome<T>(T value, Throwable error) {
    public String message() {
      assertThat(error).as("no error, but " + value).isNotNull();
      return error.getMessage();
    }
  }

  /** Returns what the ranks returned; the first error ends the test. */
  public static <T> List<T> run(int size, GroupOptions options, Function<T> function) {
    return run(Collections.nCopies(size, options), function);
  }

  /** Like the other one, with the options of each rank. */
  static <T> List<T> run(List<GroupOptions> options, Function<T> function) {
    List<T> values = new ArrayList<>();
    for (Outcome<T> outcome : outcomes(options, function)) {
      if (outcome.error() != null) {
        throw new AssertionError(outcome.error().getMessage(), outcome.error());
      }
      values.add(outcome.value());
    }
    return values;
  }

  public static void runAll(int size, GroupOptions options, Action action) {
    runAll(Collections.nCopies(size, options), action);
  }

  static void runAll(List<GroupOptions> options, Action action) {
    run(
        options,
        group -> {
          action.run(group);
          return null;
        });
  }

  /** Returns how each rank ended. A rank closes its group as soon as its function has ended. */
  public static <T> List<Outcome<T>> outcomes(
      int size, GroupOptions options, Function<T> function) {
    return outcomes(Collections.nCopies(size, options), function);
  }

  static <T> List<Outcome<T>> outcomes(List<GroupOptions> options, Function<T> function) {
    TorchLibrary.load();
    List<GroupBootstrap> bootstraps = options.stream().map(Ranks::open).toList();
    List<String> endpoints = bootstraps.stream().map(GroupBootstrap::endpoint).toList();
    return outcomes(bootstraps, rank -> endpoints, function);
  }

  /**
   * Lets the ranks meet and returns how each ended.
   *
   * @param endpoints what a rank is told of all
   */
  static <T> List<Outcome<T>> outcomes(
      List<GroupBootstrap> bootstraps, IntFunction<List<String>> endpoints, Function<T> function) {
    ExecutorService threads = Executors.newFixedThreadPool(bootstraps.size());
    try {
      List<Future<Outcome<T>>> futures = new ArrayList<>();
      for (int rank = 0; rank < bootstraps.size(); rank++) {
        int self = rank;
        futures.add(
            threads.submit(
                () -> outcome(bootstraps.get(self), self, endpoints.apply(self), function)));
      }
      List<Outcome<T>> outcomes = new ArrayList<>();
      for (Future<Outcome<T>> future : futures) {
        outcomes.add(future.get(120, TimeUnit.SECONDS));
      }
      return outcomes;
    } catch (Exception e) {
      throw new AssertionError("The ranks did not end", e);
    } finally {
      threads.shutdownNow();
    }
  }

  static GroupBootstrap open(GroupOptions options) {
    return GroupBootstrap.open(InetAddress.getLoopbackAddress(), "127.0.0.1", KEY, options);
  }

  private static <T> Outcome<T> outcome(
      GroupBootstrap bootstrap, int rank, List<String> endpoints, Function<T> function) {
    TorchThread torch = TorchThread.enter(1, false);
    try (bootstrap;
        ProcessGroup group = bootstrap.join(rank, endpoints)) {
      return new Outcome<>(function.run(group), null);
    } catch (Throwable e) {
      return new Outcome<>(null, e);
    } finally {
      torch.close();
    }
  }
}
