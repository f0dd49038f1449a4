package io.fabric4j.internal.optim;

import java.util.Map;

/** Sets the learning rates of an optimizer over time. */
public interface RatePolicy {

  /** Moves on by one step. */
  void step();

  /** Moves on by one measurement. */
  void step(double metric);

  /** Returns the state as plain values. */
  Map<String, Object> state();

  /** Returns whether a state is one of this kind and for as many parameter groups. */
  boolean fits(Map<String, Object> state);

  /** Takes over a state that fits and sets the learning rates accordingly. */
  void load(Map<String, Object> state);
}
