package io.fabric4j.spark.internal.ui;

import io.fabric4j.spark.internal.live.RunEnded;
import io.fabric4j.spark.internal.live.RunProgressed;
import io.fabric4j.spark.internal.live.RunStarted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;
import scala.runtime.AbstractFunction0;
import scala.runtime.BoxedUnit;

/**
 * Builds what the tab shows from events, live or from an event log. Its thread is Spark's, which
 * also calls it last when a log has been read.
 */
final class RunListener extends SparkListener {
  static final int MAX_RUNS = 50;

  private final RunStore store;
  private final boolean live;
  private final Map<Long, LiveRun> running = new LinkedHashMap<>();

  private RunListener(RunStore store, boolean live) {
    this.store = store;
    this.live = live;
  }

  /** Returns a listener that stores each event. */
  static RunListener live(ElementTrackingStore store) {
    return new RunListener(new RunStore(store), true);
  }

  /** Returns a listener that stores runs when they end, and those that go on at the log's end. */
  static RunListener replaying(ElementTrackingStore store) {
    RunListener listener = new RunListener(new RunStore(store), false);
    store.onFlush(
        new AbstractFunction0<>() {
          @Override
          public BoxedUnit apply() {
            listener.running.values().forEach(run -> run.write(listener.store::write));
            return BoxedUnit.UNIT;
          }
        });
    return listener;
  }

  @Override
  public void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof RunStarted start) {
      running.put(start.run(), new LiveRun(start));
      changed(start.run());
      forgetOldest();
    } else if (event instanceof RunProgressed progress) {
      change(progress.run(), run -> run.add(progress));
    } else if (event instanceof RunEnded end) {
      change(end.run(), run -> run.add(end));
    }
  }

  private void change(long number, Consumer<LiveRun> change) {
    LiveRun run = running.get(number);
    if (run != null) {
      change.accept(run);
      changed(number);
    }
  }

  private void changed(long number) {
    LiveRun run = running.get(number);
    if (live || run.hasEnded()) {
      run.write(store::write);
    }
    if (run.hasEnded()) {
      running.remove(number);
    }
  }

  private void forgetOldest() {
    List<RunRecord> runs = store.runs();
    for (RunRecord run : runs.subList(Math.min(MAX_RUNS, runs.size()), runs.size())) {
      running.remove(run.run());
      store.delete(run.run());
    }
  }
}
