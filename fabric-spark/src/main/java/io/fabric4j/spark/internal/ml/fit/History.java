package io.fabric4j.spark.internal.ml.fit;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.reflect.TypeToken;
import io.fabric4j.spark.ml.TrainingEpoch;
import java.util.ArrayList;
import java.util.List;

/** The epochs of a fit so far, and what follows from them; equal on all ranks. */
final class History {
  static final String LOSS = "loss";
  private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();
  private static final TypeToken<List<TrainingEpoch>> EPOCHS = new TypeToken<>() {};

  private final double tol;
  private final List<TrainingEpoch> epochs = new ArrayList<>();
  private int best = -1;
  private double bestLoss = Double.POSITIVE_INFINITY;

  /**
   * Starts without epochs.
   *
   * @param tol by how much a loss has to be smaller to be better
   */
  History(double tol) {
    this.tol = tol;
  }

  /** Adds an epoch; returns whether its weights are the best so far. */
  boolean add(TrainingEpoch epoch) {
    epochs.add(epoch);
    if (epoch.validation().isEmpty()) {
      best = epoch.epoch();
      return true;
    }
    double loss = epoch.validation().get(LOSS);
    if (best < 0 || loss < bestLoss - tol) {
      best = epoch.epoch();
      bestLoss = loss;
      return true;
    }
    return false;
  }

  List<TrainingEpoch> epochs() {
    return List.copyOf(epochs);
  }

  /** Returns the epoch with the best weights, -1 before the first. */
  int best() {
    return best;
  }

  /** Returns whether so many epochs have passed since the best one. */
  boolean isStale(int rounds) {
    return rounds > 0
        && !epochs.isEmpty()
        && epochs.get(epochs.size() - 1).epoch() - best >= rounds;
  }

  String toJson() {
    return GSON.toJson(epochs);
  }

  /** Adds epochs that {@link #toJson} wrote. */
  void addAll(String json) {
    GSON.fromJson(json, EPOCHS).forEach(this::add);
  }
}
