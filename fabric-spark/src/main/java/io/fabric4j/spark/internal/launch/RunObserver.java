package io.fabric4j.spark.internal.launch;

import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Is told on the driver how a launch goes on. Safe to use by several threads. */
interface RunObserver {
  /** Is not interested. */
  RunObserver NONE = new RunObserver() {};

  /**
   * Returns an observer that shows the run in Spark's UI, or none: it uses what Spark does not
   * promise, and a launch goes on without it.
   */
  static RunObserver unlessItFails(Supplier<RunObserver> observer) {
    try {
      return observer.get();
    } catch (RuntimeException | LinkageError e) {
      LoggerFactory.getLogger(RunObserver.class)
          .warn("Spark's UI will not show this run: {}", e.toString());
      return NONE;
    }
  }

  /** All ranks start, or start again. */
  default void attempt(int number) {}

  /** A rank starts on a host. */
  default void started(int rank, String host) {}

  /** A rank of the present attempt reports. */
  default void accept(RankReport report) {}

  /** A rank has failed. */
  default void failed(RankFailure failure) {}

  /** Time passes; called often. */
  default void tick() {}

  /**
   * The launch has ended.
   *
   * @param failure null if it succeeded
   */
  default void end(Throwable failure) {}
}
