package io.fabric4j.internal.parameters;

import java.util.ArrayList;
import java.util.List;

/**
 * Which parameters a captured backward reaches. Its gradient hooks run once, while it is recorded;
 * this does what they would do before each replay.
 */
public final class ReplayedGradients {
  private final List<FlatGroup> groups;
  private final List<ParameterSlot> reached = new ArrayList<>();

  public ReplayedGradients(List<FlatParameters> models) {
    groups = models.stream().flatMap(model -> model.groups().stream()).toList();
  }

  /** Runs code that records a backward, and leaves the gradients' state as it was. */
  public void record(Runnable code) {
    List<boolean[]> touched = groups.stream().map(FlatGroup::touched).toList();
    List<boolean[]> reduced = groups.stream().map(FlatGroup::reduced).toList();
    for (FlatGroup group : groups) {
      group.slots().forEach(slot -> slot.restore(false, false));
    }
    try {
      code.run();
      groups.forEach(
          group -> group.slots().stream().filter(ParameterSlot::isTouched).forEach(reached::add));
    } finally {
      for (int i = 0; i < touched.size(); i++) {
        groups.get(i).restore(touched.get(i), reduced.get(i));
      }
    }
  }

  /** Prepares the gradients for a replay of the backward. */
  public void beforeReplay() {
    reached.forEach(ParameterSlot::onGradient);
  }
}
