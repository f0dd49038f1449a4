package io.fabric4j.internal.run;

import io.fabric4j.Stateful;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Where a run is; a checkpoint holds it beside the state of the loop. */
public final class RunState implements Stateful {
  /** The entry of a checkpoint that is the run's own. */
  public static final String KEY = "run";

  /** This state's entry within it. */
  public static final String POSITION = "position";

  private static final String EPOCH = "epoch";
  private static final String STEP = "step";
  private static final String DONE = "done";
  private static final String METRICS = "metrics";
  private static final String ROWS = "rows";

  private final List<List<String>> rows;
  private final List<Integer> done = new ArrayList<>();
  private final Map<String, Double> metrics = new TreeMap<>();
  private int epoch;
  private long step;

  /**
   * @param rows for each data loader, the fingerprint of each rank's rows, empty if it has none
   */
  public RunState(List<List<String>> rows) {
    this.rows = rows;
    rows.forEach(loader -> done.add(0));
  }

  public List<List<String>> rows() {
    return rows;
  }

  public int epoch() {
    return epoch;
  }

  public long step() {
    return step;
  }

  public Map<String, Double> metrics() {
    return metrics;
  }

  /** Returns how often the loop over a data loader was completed in this epoch. */
  public int done(int loader) {
    return done.get(loader);
  }

  public void endStep() {
    step++;
  }

  public void endLoop(int loader) {
    done.set(loader, done.get(loader) + 1);
  }

  public void endEpoch() {
    epoch++;
    Collections.fill(done, 0);
  }

  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new TreeMap<>();
    state.put(EPOCH, epoch);
    state.put(STEP, step);
    state.put(DONE, List.copyOf(done));
    state.put(METRICS, Map.copyOf(metrics));
    state.put(ROWS, rows);
    return state;
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    if (!(state.get(EPOCH) instanceof Number)
        || !(state.get(STEP) instanceof Number)
        || !(state.get(DONE) instanceof List<?> loops)
        || loops.size() != done.size()) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: the position of the run is "
              + state
              + " there, and there are "
              + done.size()
              + " data loaders here. Set up the same ones before fabric.resume.");
    }
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    epoch = ((Number) state.get(EPOCH)).intValue();
    step = ((Number) state.get(STEP)).longValue();
    List<?> loops = (List<?>) state.get(DONE);
    for (int i = 0; i < done.size(); i++) {
      done.set(i, ((Number) loops.get(i)).intValue());
    }
    metrics.clear();
    metrics.putAll(metricsOf(state));
  }

  /**
   * Returns the metrics of a checkpoint by name, without those that are no finite numbers.
   *
   * @param contents as {@code StateFile.readValues} returns it
   */
  static Map<String, Double> metrics(Map<String, Object> contents) {
    return position(contents).map(RunState::metricsOf).orElse(Map.of());
  }

  /** Returns the rows that a checkpoint was trained on, as given to the constructor. */
  @SuppressWarnings("unchecked")
  public static Optional<List<List<String>>> rows(Map<String, Object> contents) {
    return position(contents).map(position -> (List<List<String>>) position.get(ROWS));
  }

  private static Map<String, Double> metricsOf(Map<?, ?> position) {
    Map<String, Double> result = new TreeMap<>();
    if (position.get(METRICS) instanceof Map<?, ?> saved) {
      saved.forEach(
          (name, value) -> {
            if (value instanceof Number number) {
              result.put((String) name, number.doubleValue());
            }
          });
    }
    return result;
  }

  private static Optional<Map<?, ?>> position(Map<String, Object> contents) {
    return contents.get(KEY) instanceof Map<?, ?> run
            && run.get(POSITION) instanceof Map<?, ?> position
        ? Optional.of(position)
        : Optional.empty();
  }
}
