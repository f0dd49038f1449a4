package io.fabric4j.spark.internal.live;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Tells how a launch goes on in events: at most one per second, of at most {@link #MAX_BYTES} each
 * in the event log. What comes faster is thinned out. Safe to use by several threads.
 */
public final class RunJournal {
  /** Limit of an event as JSON in UTF-8. */
  public static final int MAX_BYTES = 128 << 10;

  /** Limit of the curves of a run; more names are left out. */
  public static final int MAX_CURVES = 256;

  static final int MAX_NAME = 80;
  static final int MAX_CURVES_PER_EVENT = 96;
  static final int MAX_POINTS_PER_EVENT = 512;
  static final int MAX_INTERVALS_PER_EVENT = 128;
  static final int MAX_NOTES_PER_EVENT = 64;
  static final int MAX_LIST = 8;
  static final int MAX_TEXT = 400;
  static final int MAX_EXPLANATION = 3000;

  private static final int MIN_POINTS = 8;
  private static final int MAX_PENDING_LIST = 64;
  private static final long PERIOD_MILLIS = 1000;

  private final long run;
  private final Consumer<SparkListenerEvent> bus;
  private final LongSupplier clock;
  private final Map<String, PendingCurve> curves = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private final PendingIntervals intervals;
  private final Map<Integer, RankNote> notes = new LinkedHashMap<>();
  private final Deque<SavedCheckpoint> checkpoints = new ArrayDeque<>();
  private final Deque<Incident> incidents = new ArrayDeque<>();
  private String explanation = "";
  private int attempt = -1;
  private boolean changed;
  private long last;

  /**
   * Tells that a launch begins.
   *
   * @param run number of the launch
   * @param bus takes events
   */
  public RunJournal(long run, String name, int ranks, Consumer<SparkListenerEvent> bus) {
    this(run, name, ranks, bus, System::currentTimeMillis);
  }

  RunJournal(
      long run, String name, int ranks, Consumer<SparkListenerEvent> bus, LongSupplier clock) {
    this.run = run;
    this.bus = bus;
    this.clock = clock;
    intervals = new PendingIntervals(Math.max(1, MAX_INTERVALS_PER_EVENT / ranks));
    last = clock.getAsLong();
    bus.accept(new RunStarted(run, shorten(name, MAX_TEXT), last, ranks));
  }

  static String shorten(String text, int max) {
    String plain = text.length() <= max ? text : text.substring(0, max - 1) + "…";
    return plain.replaceAll("[\\p{Cntrl}&&[^\n]]", " ");
  }

  /** Notes that all ranks start, or start again. */
  public synchronized void attempt(int number) {
    attempt = number;
    changed = true;
    if (number > 0) {
      incident(Incident.Kind.RETRY, -1, "all ranks start again");
    }
  }

  /** Notes what a rank does. */
  public synchronized void note(RankNote note) {
    notes.put(
        note.rank(),
        new RankNote(note.rank(), shorten(note.host(), MAX_NAME), note.phase(), note.rows()));
    changed = true;
  }

  /** Adds an interval of a rank's training. */
  public synchronized void interval(RankInterval interval) {
    intervals.add(interval);
    changed = true;
  }

  /** Adds a point; of names beyond {@link #MAX_CURVES} none. */
  public synchronized void point(Curve.Kind kind, String name, long time, long step, double value) {
    String shown = shorten(name, MAX_NAME);
    String key = kind + " " + shown;
    if (names.size() < MAX_CURVES) {
      names.add(key);
    }
    if (names.contains(key)) {
      curves
          .computeIfAbsent(key, unused -> new PendingCurve(kind, shown))
          .add(time, step, value, pointsPerCurve());
      changed = true;
    }
  }

  /** Two events take all curves. */
  private int pointsPerCurve() {
    return Math.max(MIN_POINTS, 2 * MAX_POINTS_PER_EVENT / (names.size() + 1));
  }

  /** Adds a checkpoint. */
  public synchronized void checkpoint(SavedCheckpoint saved) {
    append(
        checkpoints,
        new SavedCheckpoint(saved.time(), shorten(saved.path(), MAX_TEXT), saved.bytes()));
  }

  /** Adds something that interrupts the training. */
  public synchronized void incident(Incident.Kind kind, int rank, String text) {
    append(
        incidents, new Incident(clock.getAsLong(), kind, attempt, rank, shorten(text, MAX_TEXT)));
  }

  private <T> void append(Deque<T> list, T item) {
    if (list.size() == MAX_PENDING_LIST) {
      list.removeFirst();
    }
    list.add(item);
    changed = true;
  }

  /** Sets rank 0's account of its settings. */
  public synchronized void explanation(String text) {
    explanation = shorten(text, MAX_EXPLANATION);
    changed = true;
  }

  /** Posts an event if something is new and the last event was a second ago. */
  public synchronized void flush() {
    if (changed && clock.getAsLong() - last >= PERIOD_MILLIS) {
      post();
    }
  }

  private void post() {
    last = clock.getAsLong();
    RunProgressed event =
        new RunProgressed(
            run,
            last,
            attempt,
            explanation,
            takeNotes(),
            intervals.take(MAX_INTERVALS_PER_EVENT),
            takeCurves(),
            take(checkpoints),
            take(incidents));
    explanation = "";
    changed =
        !(notes.isEmpty()
            && intervals.isEmpty()
            && curves.isEmpty()
            && checkpoints.isEmpty()
            && incidents.isEmpty());
    bus.accept(event);
  }

  private List<RankNote> takeNotes() {
    List<RankNote> taken = notes.values().stream().limit(MAX_NOTES_PER_EVENT).toList();
    taken.forEach(note -> notes.remove(note.rank()));
    return taken;
  }

  private List<Curve> takeCurves() {
    List<Curve> taken = new ArrayList<>();
    int points = 0;
    Iterator<PendingCurve> iterator = curves.values().iterator();
    while (iterator.hasNext() && taken.size() < MAX_CURVES_PER_EVENT) {
      PendingCurve curve = iterator.next();
      points += curve.size();
      if (points > MAX_POINTS_PER_EVENT) {
        break;
      }
      taken.add(curve.take());
      iterator.remove();
    }
    return taken;
  }

  private static <T> List<T> take(Deque<T> list) {
    List<T> taken = new ArrayList<>();
    while (!list.isEmpty() && taken.size() < MAX_LIST) {
      taken.add(list.removeFirst());
    }
    return taken;
  }

  /**
   * Posts what is left, and that the launch has ended.
   *
   * @param failure null if it succeeded
   */
  public synchronized void end(Throwable failure) {
    while (changed) {
      post();
    }
    String message = failure == null ? "" : String.valueOf(failure.getMessage());
    bus.accept(new RunEnded(run, clock.getAsLong(), failure == null, shorten(message, MAX_TEXT)));
  }
}
