package io.fabric4j;

import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.monitoring.EpochProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Follows, for a rank's thread, its loops over data loaders: the share of a batch, the time. */
final class BatchTracker {
  /** The running loops, outermost first. */
  private final List<BatchIterator> loops = new ArrayList<>();

  private Consumer<EpochProgress> listener = progress -> {};
  private int trainingLoops;

  /** Sets who is told of training loops. */
  void listen(Consumer<EpochProgress> consumer) {
    listener = consumer;
  }

  /** Returns the share of the innermost loop's batch, or null outside of loops. */
  BatchShare current() {
    return loops.isEmpty() ? null : innermost().share();
  }

  private BatchIterator innermost() {
    return loops.get(loops.size() - 1);
  }

  /** A loop takes its next batch, which ends the loops inside of it that were left early. */
  void advance(BatchIterator loop) {
    int index = loops.indexOf(loop);
    if (index < 0) {
      loops.add(loop);
    } else {
      loops.subList(index + 1, loops.size()).clear();
    }
    loop.times().batch(loop.share().rows());
  }

  /** A forward in training mode ends that began at a time. */
  void forwarded(long begin) {
    if (!loops.isEmpty()) {
      innermost().times().forward(begin);
    }
  }

  /** A backward ends; see {@link LoopTimes#backward}. */
  void trained(long begin, long computed) {
    if (!loops.isEmpty()) {
      LoopTimes times = innermost().times();
      if (times.number() < 0) {
        times.number(trainingLoops++);
      }
      times.backward(begin, computed);
      listener.accept(innermost().progress());
    }
  }

  /** An update ends that began at a time. */
  void updated(long begin) {
    if (!loops.isEmpty()) {
      innermost().times().optimizer(begin);
    }
  }

  void end(BatchIterator loop) {
    loops.remove(loop);
    if (loop.times().number() >= 0) {
      listener.accept(loop.progress());
    }
  }
}
