package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.optim.Adagrad;
import io.fabric4j.optim.Adam;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.SGD;
import java.io.Serializable;

/**
 * An update rule by name.
 *
 * @param name {@code adam}, {@code adamw}, {@code sgd} or {@code adagrad}
 */
record Update(String name, double learningRate, double weightDecay) implements Serializable {
  private static final double MOMENTUM = 0.9;

  OptimizerConfig config() {
    return switch (name) {
      case "adam" -> settings(Adam.builder()).build();
      case "adamw" -> settings(AdamW.builder()).build();
      case "sgd" -> settings(SGD.builder()).momentum(MOMENTUM).build();
      case "adagrad" -> settings(Adagrad.builder()).build();
      default -> throw new IllegalArgumentException("Unknown optimizer '" + name + "'.");
    };
  }

  private <B extends OptimizerConfig.Builder<B>> B settings(B builder) {
    return builder.learningRate(learningRate).weightDecay(weightDecay);
  }
}
