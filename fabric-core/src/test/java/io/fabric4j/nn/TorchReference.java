package io.fabric4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.GradMode;

/**
 * Blocks filled and run as this script, with PyTorch 1.13, fills and runs torch's modules:
 *
 * <pre>{@code
 * import torch
 *
 * def fill(module):
 *     i = 0
 *     for p in module.parameters():
 *         with torch.no_grad():
 *             p.copy_(torch.sin(0.1 * torch.arange(i, i + p.numel())).view(p.shape))
 *         i += p.numel()
 *
 * def run(module, forward, parameter):
 *     fill(module)
 *     x = torch.cos(0.7 * torch.arange(24.)).view(2, 3, 4).requires_grad_()
 *     y = forward(x)
 *     (y * torch.arange(24.).view(2, 3, 4) / 24).sum().backward()
 *     for t in (y, x.grad, parameter.grad):
 *         print(', '.join('%.6f' % v for v in t.flatten().tolist()))
 *
 * for causal in (False, True):
 *     m = torch.nn.MultiheadAttention(4, 2, batch_first=True)
 *     mask = torch.ones(3, 3).tril() == 0 if causal else None
 *     run(m, lambda x: m(x, x, x, attn_mask=mask)[0], m.in_proj_bias)
 * for training in (False, True):
 *     m = torch.nn.TransformerEncoderLayer(4, 2, dim_feedforward=5, dropout=0.0, batch_first=True)
 *     m.train(training)
 *     run(m, m, m.linear1.bias)
 * }</pre>
 */
final class TorchReference {
  static final Shape SHAPE = new Shape(2, 3, 4);

  private TorchReference() {}

  static void fill(Block block) {
    long first = 0;
    for (Parameter parameter : block.getParameters().values()) {
      NDArray array = parameter.getArray();
      try (NDManager scope = array.getManager().newSubManager();
          GradMode mode = GradMode.disabled()) {
        float[] values = new float[Math.toIntExact(array.size())];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) Math.sin(0.1 * (first + i));
        }
        scope.create(values, array.getShape()).copyTo(array);
        first += values.length;
      }
    }
  }

  static NDArray input(NDManager manager) {
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.cos(0.7 * i);
    }
    return manager.create(values, SHAPE);
  }

  static NDArray forward(Block block, NDArray input, boolean training) {
    ParameterStore store = new ParameterStore(input.getManager(), false);
    return block.forward(store, new NDList(input), training).singletonOrThrow();
  }

  /** Runs a block forward and backward and checks the output and two gradients. */
  static void check(
      Block block, NDManager manager, boolean training, String parameter, float[]... expected) {
    fill(block);
    NDArray input = input(manager);
    input.setRequiresGradient(true);
    try (GradMode mode = GradMode.enabled()) {
      NDArray output = forward(block, input, training);
      NDArray weights = manager.arange(24f).reshape(SHAPE).div(24);
      Autograd.backward(output.mul(weights).sum(), 1);
      equal(output, expected[0]);
      equal(input.getGradient(), expected[1]);
      equal(block.getParameters().get(parameter).getArray().getGradient(), expected[2]);
    }
  }

  private static void equal(NDArray actual, float[] expected) {
    assertThat(actual.toFloatArray()).containsExactly(expected, within(1e-5f));
  }
}
