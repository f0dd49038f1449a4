package io.fabric4j.spark.ml;

import java.util.Arrays;

/** From scores of classes to probabilities and the class, as Spark ML does it. */
final class ClassScores {

  private ClassScores() {}

  /** Replaces scores by their softmax. */
  static void softmax(double[] scores) {
    double max = Arrays.stream(scores).reduce(Double.NEGATIVE_INFINITY, Math::max);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.exp(scores[i] - max);
      sum += scores[i];
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= sum;
    }
  }

  /** Returns the number of the highest score, NaN if one is not a number. */
  static double best(double[] scores) {
    int best = 0;
    for (int i = 0; i < scores.length; i++) {
      if (Double.isNaN(scores[i])) {
        return Double.NaN;
      }
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * Returns the class whose probability is highest in relation to its threshold, NaN if a
   * probability is not a number. A threshold of 0 makes its class win unless its probability is 0.
   */
  static double best(double[] probabilities, double[] thresholds) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < probabilities.length; i++) {
      if (Double.isNaN(probabilities[i])) {
        return Double.NaN;
      }
      double ratio = probabilities[i] / thresholds[i];
      if (ratio > highest) {
        highest = ratio;
        best = i;
      }
    }
    return best;
  }
}
