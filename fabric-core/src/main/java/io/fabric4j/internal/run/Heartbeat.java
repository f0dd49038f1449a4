package io.fabric4j.internal.run;

import io.fabric4j.FabricException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file that changes as long as its writer lives, six times per timeout. */
final class Heartbeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final int BEATS = 6;
  private static final long MAX_POLL_MILLIS = 500;
  private static final long MAX_JOIN_MILLIS = 5000;

  /** Clocks of two hosts are taken to differ by less. */
  private static final Duration MAX_CLOCK_DIFFERENCE = Duration.ofHours(1);

  private final RunFolder folder;
  private final String name;
  private final long pauseMillis;
  private final Check check;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile FabricException loss;

  /** What is looked after with each beat; a FabricException ends the beats. */
  interface Check {
    void run() throws IOException;
  }

  /** Writes the file and goes on writing it. */
  Heartbeat(RunFolder folder, String name, Duration timeout, Check check) throws IOException {
    this.folder = folder;
    this.name = name;
    this.check = check;
    pauseMillis = Math.max(1, timeout.toMillis() / BEATS);
    beat();
    thread = new Thread(this::run, "fabric-run-heartbeat");
    thread.setDaemon(true);
    thread.start();
  }

  private void beat() throws IOException {
    folder.write(name, Instant.now().toString());
  }

  private void run() {
    try {
      while (loss == null && !closed.await(pauseMillis, TimeUnit.MILLISECONDS)) {
        beatAndCheck();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // by nobody
    }
  }

  private void beatAndCheck() {
    try {
      beat();
      check.run();
    } catch (FabricException e) {
      loss = e;
    } catch (IOException e) {
      LOG.warn("No heartbeat was written: {}", e.getMessage());
    }
  }

  /** Returns why the beats have ended, or null. */
  FabricException loss() {
    return loss;
  }

  /** Ends the beats and deletes the file. */
  @Override
  public void close() throws IOException {
    closed.countDown();
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(MAX_JOIN_MILLIS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    try {
      folder.delete(name);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Watches a file until it has changed twice, or its writer counts as dead: it is gone, or has not
   * changed for the timeout. One change may be the last one of a dying writer. The time before this
   * call counts, but as clocks differ the writer is given two beats anyway, unless the file is very
   * old.
   *
   * @return whether the writer is dead
   */
  static boolean isSilent(RunFolder folder, String name, Duration timeout) throws IOException {
    Optional<String> last = folder.read(name);
    if (last.isEmpty()) {
      return true;
    }
    Duration wait = remaining(last.get(), timeout);
    LOG.info("Waiting {} s for a sign of life of the owner of run {}.", wait.toSeconds(), folder);
    long deadline = System.nanoTime() + wait.toNanos();
    for (int changes = 0; System.nanoTime() - deadline < 0; ) {
      sleep(Math.min(MAX_POLL_MILLIS, Math.max(1, timeout.toMillis() / (2 * BEATS))));
      Optional<String> now = folder.read(name);
      if (!now.equals(last)) {
        if (now.isEmpty() || ++changes == 2) {
          return now.isEmpty();
        }
        last = now;
        deadline = System.nanoTime() + timeout.toNanos();
      }
    }
    return true;
  }

  private static Duration remaining(String beat, Duration timeout) {
    Duration age;
    try {
      age = Duration.between(Instant.parse(beat), Instant.now());
    } catch (DateTimeParseException e) {
      return timeout;
    }
    if (age.compareTo(MAX_CLOCK_DIFFERENCE) > 0) {
      return Duration.ZERO;
    }
    Duration least = timeout.multipliedBy(2).dividedBy(BEATS);
    Duration rest = age.isNegative() ? timeout : timeout.minus(age);
    return rest.compareTo(least) > 0 ? rest : least;
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while waiting for the owner of a run to end.", e);
    }
  }
}
