package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.spark.ShardFunction;
import io.fabric4j.spark.Shards;
import io.fabric4j.spark.ml.InputColumn;
import io.fabric4j.spark.ml.NetworkSignature;
import io.fabric4j.spark.ml.OutputColumn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A fit on one rank. */
final class RankFit implements ShardFunction<FitResult> {
  private static final long serialVersionUID = 1L;
  private static final long SEEDS = 0xFFFFFFFFL;

  /** Name of the launch's input. */
  static final String INPUT = "rows";

  private final FitPlan plan;

  RankFit(FitPlan plan) {
    this.plan = plan;
  }

  @Override
  public FitResult run(Fabric fabric, Shards shards) throws IOException {
    fabric.seedEverything(plan.seed() & SEEDS);
    RankRows rows = RankRows.of(fabric, shards.get(INPUT), plan);
    Block block = plan.network().newBlock(fabric.manager(), rows.signature());
    if (!block.isInitialized()) {
      fabric.initModule(block, rows.signature().inputShapes(1));
    }
    double[] units = Scaling.apply(fabric, block, rows, plan);
    FabricSetup setup = fabric.setup(block, plan.training().update().config());
    NetworkSignature signature = checkOutputs(fabric, setup, rows.signature());
    return new FitLoop(fabric, setup, plan, new Objective(fabric, plan, units))
        .run(rows, signature);
  }

  /** Returns the signature with the outputs that the block really has. */
  private NetworkSignature checkOutputs(
      Fabric fabric, FabricSetup setup, NetworkSignature expected) {
    try (NDManager scratch = fabric.manager().newSubManager();
        GradMode mode = GradMode.disabled()) {
      NDList zeros = new NDList();
      for (InputColumn input : expected.inputs()) {
        zeros.add(scratch.zeros(input.shape(2), input.dataType()));
      }
      NDList outputs = setup.block().evaluate(zeros);
      List<OutputColumn> columns = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        columns.add(column(i, outputs.get(i), expected.outputs()));
      }
      if (plan.loss() == null && columns.size() != expected.outputs().size()) {
        throw new IllegalArgumentException(
            "The network has "
                + columns.size()
                + " outputs, but there are the labels "
                + plan.columns().labelNames()
                + ". Give it an output for each label, or set lossFunction.");
      }
      return new NetworkSignature(expected.inputs(), columns);
    }
  }

  private OutputColumn column(int index, NDArray output, List<OutputColumn> expected) {
    Shape shape = output.getShape();
    int size = Math.toIntExact(shape.size() / Math.max(1, shape.get(0)));
    if (plan.loss() != null) {
      String label = index < expected.size() ? expected.get(index).label() : "output" + index;
      return new OutputColumn(label, OutputColumn.Kind.VALUES, size);
    }
    if (index < expected.size() && size != expected.get(index).size()) {
      OutputColumn wanted = expected.get(index);
      throw new IllegalArgumentException(
          "The network has %d values a row for '%s', but %d %s are needed. Its factory finds the"
                  .formatted(
                      size,
                      wanted.label(),
                      wanted.size(),
                      wanted.kind() == OutputColumn.Kind.CLASSES ? "scores of classes" : "values")
              + " number in its argument outputSizes.");
    }
    return index < expected.size()
        ? expected.get(index)
        : new OutputColumn("output" + index, OutputColumn.Kind.VALUES, size);
  }
}
