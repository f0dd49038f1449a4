package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import io.fabric4j.Fabric;
import io.fabric4j.spark.internal.ml.net.ScaledOutputs;
import io.fabric4j.spark.internal.ml.net.StandardizedInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tells a built-in network the means and deviations of the rows that it is trained on. */
final class Scaling {
  /** Rows of a rank that are enough to know them; the order of rows is that of a hash. */
  private static final long ROWS = 1 << 16;

  private final FitPlan plan;
  private final StandardizedInputs inputs;
  private final List<Moments> ofInputs = new ArrayList<>();
  private final List<Moments> ofLabels = new ArrayList<>();

  private Scaling(FitPlan plan, StandardizedInputs inputs, ScaledOutputs outputs) {
    this.plan = plan;
    this.inputs = inputs;
    inputs.layers().forEach(layer -> ofInputs.add(new Moments(layer.size())));
    outputs.scales().forEach(l -> ofLabels.add(l == null ? null : new Moments(l.size())));
  }

  /**
   * Sets the layers of a block that has some, before training. Collective.
   *
   * @return for each label by what its gradients are divided, so that they do not depend on its
   *     unit
   */
  static double[] apply(Fabric fabric, Block block, RankRows rows, FitPlan plan) {
    double[] units = new double[plan.columns().labels().size()];
    Arrays.fill(units, 1);
    if (plan.training().standardize()
        && block instanceof StandardizedInputs inputs
        && block instanceof ScaledOutputs outputs) {
      Scaling scaling = new Scaling(plan, inputs, outputs);
      RowScan.run(
          rows.train(), ROWS, fabric.manager(), b -> scaling.add(b.getData(), b.getLabels()));
      scaling.setInputs(fabric);
      if (plan.loss() == null) {
        scaling.setOutputs(fabric, outputs, units);
      }
    }
    return units;
  }

  private void add(NDList data, NDList targets) {
    NDArray weights = plan.columns().weight() == null ? null : targets.get(targets.size() - 1);
    for (int i = 0; i < ofInputs.size(); i++) {
      ofInputs.get(i).add(inputs.values(i, data), weights);
    }
    for (int i = 0; i < ofLabels.size(); i++) {
      if (ofLabels.get(i) != null) {
        NDArray label = targets.get(i);
        ofLabels.get(i).add(label.reshape(label.getShape().get(0), 1, -1), weights);
      }
    }
  }

  private void setInputs(Fabric fabric) {
    for (int i = 0; i < ofInputs.size(); i++) {
      Moments moments = ofInputs.get(i);
      moments.reduce(fabric);
      float[] scales = moments.deviations();
      for (int j = 0; j < scales.length; j++) {
        scales[j] = 1 / scales[j];
      }
      inputs.layers().get(i).set(moments.means(), scales);
    }
  }

  private void setOutputs(Fabric fabric, ScaledOutputs outputs, double[] units) {
    for (int i = 0; i < ofLabels.size(); i++) {
      Moments moments = ofLabels.get(i);
      if (moments != null) {
        moments.reduce(fabric);
        float[] means = moments.means();
        float[] deviations = moments.deviations();
        LabelLoss loss = plan.columns().labels().get(i).loss();
        units[i] = 0;
        for (int j = 0; j < means.length; j++) {
          // (x + mean / deviation) * deviation
          means[j] = -means[j] / deviations[j];
          units[i] += loss.unit(deviations[j]) / means.length;
        }
        outputs.scales().get(i).set(means, deviations);
      }
    }
  }
}
