package io.fabric4j;

import ai.djl.ndarray.NDArray;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.optim.GradientClipper;
import io.fabric4j.internal.optim.GroupOptimizer;
import io.fabric4j.internal.parameters.ParameterSlot;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.ScaledGradients;
import java.util.List;
import java.util.Optional;

/** The gradients of one optimizer between backward and step: their scale, and clipping. */
final class OptimizerGradients {
  private final List<GroupOptimizer> groups;
  private final RankContext context;

  /** Null in precisions that do not scale the loss. */
  private final ScaledGradients scaled;

  OptimizerGradients(List<GroupOptimizer> groups, RankContext context) {
    this.groups = groups;
    this.context = context;
    GradScaler scaler = context.precision().scaler();
    scaled = scaler == null ? null : scaler.register();
  }

  void afterBackward() {
    if (scaled != null && groups.stream().anyMatch(group -> group.group().isTouched())) {
      scaled.markScaled();
    }
  }

  /**
   * Brings the gradients to their own scale.
   *
   * @return whether the step has to be skipped, because the scaled backward overflowed
   */
  boolean unscale(String method) {
    context.guard().check(method);
    if (scaled == null) {
      return false;
    }
    List<FlatTensor> gradients = open();
    try {
      return scaled.unscale(gradients, found -> overRanks(found ? 1 : 0, ReduceOp.MAX) > 0);
    } finally {
      gradients.forEach(FlatTensor::close);
    }
  }

  void stepDone() {
    if (scaled != null) {
      scaled.stepDone();
    }
  }

  void clear() {
    if (scaled != null) {
      scaled.clear();
    }
  }

  /**
   * Clips the gradients.
   *
   * @return the norm before clipping, NaN when clipping by value
   */
  double clip(GradientClipping clipping) {
    boolean overflowed = unscale("clipGradients");
    List<FlatTensor> gradients = open();
    try {
      if (clipping.mode() == GradientClipping.Mode.VALUE) {
        new GradientClipper(clipping, gradients).clipValue();
        return Double.NaN;
      }
      GradientClipping rule = overflowed ? clipping.allowNonFinite() : clipping;
      ReduceOp op = Double.isInfinite(rule.normType()) ? ReduceOp.MAX : ReduceOp.SUM;
      return new GradientClipper(rule, gradients)
          .clipNorm(partial -> overRanks(partial, op), this::nonFinite);
    } finally {
      gradients.forEach(FlatTensor::close);
    }
  }

  private List<FlatTensor> open() {
    return groups.stream().map(GroupOptimizer::gradient).toList();
  }

  /** Combines what the ranks found in their slices; without slices all found the same. */
  private double overRanks(double value, ReduceOp op) {
    if (!isSharded()) {
      return value;
    }
    try (NDArray array = context.hostManager().create(value)) {
      context.group().allReduce(array, op).waitFor();
      return array.getDouble();
    }
  }

  private boolean isSharded() {
    return groups.stream().anyMatch(GroupOptimizer::isSharded);
  }

  /** Names a parameter whose gradient is not finite on any rank. */
  private Optional<String> nonFinite() {
    String own =
        groups.stream()
            .flatMap(group -> group.group().slots().stream())
            .filter(slot -> !Double.isFinite(slot.gradientNorm()))
            .map(ParameterSlot::name)
            .findFirst()
            .orElse("");
    List<String> names = isSharded() ? context.group().allGatherObject(own) : List.of(own);
    return names.stream().filter(name -> !name.isEmpty()).findFirst();
  }
}
