package io.fabric4j.benchmark;

import java.util.Arrays;

/** Times of steps that take turns. */
final class StepTimes {
  static final int ROUNDS = 9;
  private static final int WARM_UP = 3;

  private StepTimes() {}

  /**
   * Returns the microseconds of a step, of each kind in each round.
   *
   * @param before called before each kind's steps
   */
  static double[][] alternate(int steps, Runnable before, Runnable... kinds) {
    double[][] times = new double[kinds.length][ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (int kind = 0; kind < kinds.length; kind++) {
        before.run();
        double time = time(kinds[kind], steps);
        times[kind][Math.max(round, 0)] = time;
      }
    }
    return times;
  }

  /** Returns the median of what one kind takes as a multiple of another one in the same round. */
  static double ratio(double[] times, double[] others) {
    double[] ratios = new double[times.length];
    Arrays.setAll(ratios, round -> times[round] / others[round]);
    return Results.median(ratios);
  }

  private static double time(Runnable step, int steps) {
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      step.run();
    }
    return (System.nanoTime() - start) / 1e3 / steps;
  }
}
