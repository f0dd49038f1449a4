package io.fabric4j.spark.internal.ui;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import org.apache.spark.util.kvstore.KVStore;
import org.apache.spark.util.kvstore.KVStoreIterator;
import org.apache.spark.util.kvstore.KVStoreView;

/** Reads and writes launches in Spark's store. */
final class RunStore {
  private final KVStore store;

  RunStore(KVStore store) {
    this.store = store;
  }

  /** Returns the launches, the latest first. */
  List<RunRecord> runs() {
    List<RunRecord> runs = call(() -> list(store.view(RunRecord.class)));
    runs.sort(Comparator.comparingLong(RunRecord::run).reversed());
    return runs;
  }

  /**
   * Returns a launch.
   *
   * @throws IllegalArgumentException if there is none of this number
   */
  RunRecord run(long number) {
    try {
      return call(() -> store.read(RunRecord.class, number));
    } catch (NoSuchElementException e) {
      throw new IllegalArgumentException(
          "There is no run " + number + ". The list of runs shows those that are kept.", e);
    }
  }

  List<SeriesRecord> series(long run) {
    return call(
        () -> list(store.view(SeriesRecord.class).index(SeriesRecord.RUN).first(run).last(run)));
  }

  private static <T> List<T> list(KVStoreView<T> view) throws Exception {
    List<T> all = new ArrayList<>();
    try (KVStoreIterator<T> iterator = view.closeableIterator()) {
      iterator.forEachRemaining(all::add);
    }
    return all;
  }

  void write(Object entry) {
    call(
        () -> {
          store.write(entry);
          return null;
        });
  }

  void delete(long run) {
    List<SeriesRecord> series = series(run);
    call(
        () -> {
          for (SeriesRecord one : series) {
            store.delete(SeriesRecord.class, one.key());
          }
          store.delete(RunRecord.class, run);
          return null;
        });
  }

  private static <T> T call(Callable<T> code) {
    try {
      return code.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Spark's store of its UI fails: " + e.getMessage(), e);
    }
  }
}
