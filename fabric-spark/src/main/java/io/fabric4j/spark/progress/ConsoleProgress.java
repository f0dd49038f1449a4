package io.fabric4j.spark.progress;

import io.fabric4j.monitoring.EpochProgress.StepTimes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Shows the running epoch on the console: a bar that is drawn anew on a terminal, a line per
 * interval elsewhere. Safe to use by several threads.
 */
public final class ConsoleProgress implements ProgressListener {
  private static final int BAR = 20;
  private static final int MAX_METRICS = 4;
  private static final Path STDERR = Path.of("/proc/self/fd/2");
  private static final Pattern TERMINAL = Pattern.compile("/dev/(pts/\\d+|tty.*|console)");

  private final PrintStream out;
  private final boolean terminal;
  private final long intervalNanos;
  private final LongSupplier clock;
  private long next;
  private int shownLoop = -1;
  private int shownAttempt = -1;
  private int drawn;

  private ConsoleProgress(
      PrintStream out, boolean terminal, Duration interval, LongSupplier clock) {
    this.out = Objects.requireNonNull(out, "out is null");
    this.terminal = terminal;
    this.clock = clock;
    intervalNanos = interval.toNanos();
    next = clock.getAsLong() + intervalNanos;
  }

  /** Returns one that draws a bar per epoch, for terminals. */
  public static ConsoleProgress bars(PrintStream out) {
    return new ConsoleProgress(out, true, Duration.ZERO, System::nanoTime);
  }

  /** Returns one that prints a line when an interval has passed. */
  public static ConsoleProgress lines(PrintStream out, Duration interval) {
    return lines(out, interval, System::nanoTime);
  }

  static ConsoleProgress lines(PrintStream out, Duration interval, LongSupplier clock) {
    return new ConsoleProgress(out, false, interval, clock);
  }

  /** Returns whether the process writes its errors to a terminal, as far as Linux tells. */
  public static boolean isTerminal() {
    try {
      return TERMINAL.matcher(Files.readSymbolicLink(STDERR).toString()).matches();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized void onProgress(TrainingHistory history) {
    EpochSummary epoch = history.lastEpoch().orElse(null);
    if (epoch == null) {
      return;
    }
    if (terminal) {
      draw(history, epoch);
    } else if (clock.getAsLong() >= next && history.state() == TrainingHistory.State.RUNNING) {
      next = clock.getAsLong() + intervalNanos;
      out.println(text(epoch));
    }
  }

  private void draw(TrainingHistory history, EpochSummary epoch) {
    if (epoch.loop() != shownLoop || epoch.attempt() != shownAttempt) {
      finish(history);
      shownLoop = epoch.loop();
      shownAttempt = epoch.attempt();
    }
    show(bar(epoch));
    if (history.state() != TrainingHistory.State.RUNNING) {
      out.println();
      drawn = 0;
    }
  }

  /** Leaves the former epoch's bar as it was at its end. */
  private void finish(TrainingHistory history) {
    history.epochs().stream()
        .filter(past -> past.loop() == shownLoop && past.attempt() == shownAttempt)
        .forEach(
            past -> {
              show(bar(past));
              out.println();
              drawn = 0;
            });
  }

  private void show(String line) {
    out.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
    out.flush();
    drawn = line.length();
  }

  /** Removes the bar, so that something else can be printed in its place. */
  public synchronized void clear() {
    if (drawn > 0) {
      out.print("\r" + " ".repeat(drawn) + "\r");
      out.flush();
      drawn = 0;
    }
  }

  private static String bar(EpochSummary epoch) {
    int full = (int) (BAR * epoch.batches() / Math.max(1, epoch.totalBatches()));
    return "[" + "=".repeat(full) + " ".repeat(BAR - full) + "] " + text(epoch);
  }

  private static String text(EpochSummary epoch) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "epoch %d  %,d/%,d batches  %,.0f samples/s  %s",
                epoch.epoch(),
                epoch.batches(),
                epoch.totalBatches(),
                epoch.samplesPerSecond(),
                remaining(epoch)));
    epoch.ranks().values().stream()
        .map(rank -> rank.times())
        .mapToDouble((StepTimes times) -> times.share(times.dataNanos()))
        .max()
        .ifPresent(share -> text.append(String.format(Locale.ROOT, "  data %.0f %%", 100 * share)));
    epoch.metrics().entrySet().stream().limit(MAX_METRICS).forEach(metric -> add(text, metric));
    return text.toString();
  }

  private static void add(StringBuilder text, Map.Entry<String, Double> metric) {
    text.append(String.format(Locale.ROOT, "  %s %.4g", metric.getKey(), metric.getValue()));
  }

  private static String remaining(EpochSummary epoch) {
    long left = epoch.totalBatches() - epoch.batches();
    if (left <= 0 || epoch.batches() == 0) {
      return time(epoch.seconds());
    }
    return time(epoch.seconds() / epoch.batches() * left) + " left";
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
