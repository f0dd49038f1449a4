package io.fabric4j.nn;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.collectives.DifferentiableCollectives;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.function.IntSupplier;

/**
 * Batch normalisation over the rows of all ranks, like torch's {@code SyncBatchNorm}: W ranks
 * compute what DJL's {@link BatchNorm} computes on the global batch, gradients and running
 * statistics included. It has BatchNorm's options, parameters and file format, and acts like it in
 * inference mode and until {@code Fabric.setup} has bound it.
 *
 * <p>Inputs are {@code (batch, channels, ...)} of float32 or float64; the batch may differ between
 * ranks. In training every rank must run forward and backward equally often; each forward and each
 * backward wait for all ranks.
 */
public final class SyncBatchNorm extends AbstractBlock implements CollectiveBlock {
  private static final byte VERSION = 2;

  private final int axis;
  private final float epsilon;
  private final float momentum;
  private final Parameter gamma;
  private final Parameter beta;
  private final Parameter runningMean;
  private final Parameter runningVar;
  private long inChannels;
  private BatchStatistics statistics;

  private SyncBatchNorm(Builder builder) {
    super(VERSION);
    axis = builder.axis;
    epsilon = builder.epsilon;
    momentum = builder.momentum;
    gamma = add("gamma", Parameter.Type.GAMMA, builder.scale);
    beta = add("beta", Parameter.Type.BETA, builder.center);
    runningMean = add("runningMean", Parameter.Type.RUNNING_MEAN, false);
    runningVar = add("runningVar", Parameter.Type.RUNNING_VAR, false);
  }

  private Parameter add(String name, Parameter.Type type, boolean trainable) {
    return addParameter(
        Parameter.builder().setName(name).setType(type).optRequiresGrad(trainable).build());
  }

  /** Returns a builder with {@link BatchNorm}'s defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void bind(ProcessGroup group, IntSupplier rowsOfThisRank) {
    unbind();
    if (group.size() > 1) {
      statistics = new BatchStatistics(new DifferentiableCollectives(group), rowsOfThisRank, axis);
    }
  }

  @Override
  public void throwBackwardFailure() {
    if (statistics != null) {
      statistics.throwBackwardFailure();
    }
  }

  @Override
  public void unbind() {
    if (statistics != null) {
      statistics.close();
      statistics = null;
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray input = inputs.singletonOrThrow();
    Device device = input.getDevice();
    NDArray scale = store.getValue(gamma, device, training);
    NDArray shift = store.getValue(beta, device, training);
    NDArray mean = store.getValue(runningMean, device, training);
    NDArray variance = store.getValue(runningVar, device, training);
    if (!training || statistics == null) {
      return BatchNorm.batchNorm(
          input, mean, variance, scale, shift, axis, momentum, epsilon, training);
    }
    return new NDList(
        statistics.normalize(
            input, new BatchStatistics.Affine(scale, shift, epsilon), update(mean, variance)));
  }

  /** The running variance moves toward the unbiased one, as in torch. */
  private BatchStatistics.Listener update(NDArray mean, NDArray variance) {
    return (batchMean, batchVariance, count) -> {
      mean.muli(momentum).addi(batchMean.mul(1 - momentum));
      variance.muli(momentum).addi(batchVariance.mul((1 - momentum) * (count / (count - 1))));
    };
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }

  @Override
  protected void beforeInitialize(Shape... inputShapes) {
    super.beforeInitialize(inputShapes);
    inChannels = inputShapes[0].size(axis);
  }

  @Override
  protected void prepare(Shape[] inputShapes) {
    for (Parameter parameter : new Parameter[] {gamma, beta, runningMean, runningVar}) {
      parameter.setShape(new Shape(inChannels));
    }
  }

  @Override
  protected void saveMetadata(DataOutputStream out) throws IOException {
    saveInputShapes(out);
    out.writeLong(inChannels);
  }

  @Override
  public void loadMetadata(byte loadVersion, DataInputStream in)
      throws IOException, MalformedModelException {
    if (loadVersion != VERSION) {
      throw new MalformedModelException(
          "Version " + loadVersion + " of SyncBatchNorm is not supported, only " + VERSION + ".");
    }
    readInputShapes(in);
    inChannels = in.readLong();
  }

  /** Builds a {@link SyncBatchNorm}. */
  public static final class Builder {
    private int axis = 1;
    private float epsilon = 1e-5f;
    private float momentum = 0.9f;
    private boolean center = true;
    private boolean scale = true;

    private Builder() {}

    /** Sets the dimension of the channels, 1 by default. */
    public Builder optAxis(int dimension) {
      axis = dimension;
      return this;
    }

    /** Sets whether to train beta, true by default. */
    public Builder optCenter(boolean value) {
      center = value;
      return this;
    }

    /** Sets whether to train gamma, true by default. */
    public Builder optScale(boolean value) {
      scale = value;
      return this;
    }

    /** Sets what is added to the variance, 1e-5 by default. */
    public Builder optEpsilon(float value) {
      epsilon = value;
      return this;
    }

    /** Sets how much of the running statistics a batch leaves, 0.9 by default. */
    public Builder optMomentum(float value) {
      momentum = value;
      return this;
    }

    /**
     * Returns the block.
     *
     * @throws IllegalArgumentException if the axis is negative
     */
    public SyncBatchNorm build() {
      if (axis < 0) {
        throw new IllegalArgumentException(
            "axis is " + axis + ". Count the dimensions from 0; channels are usually 1.");
      }
      return new SyncBatchNorm(this);
    }
  }
}
