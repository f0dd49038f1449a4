package io.fabric4j.internal.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Networks as bare calls of libtorch. */
public final class RawModels {
  private static final long[] NONE = {0, 0};
  private static final long[] ONE = {1, 1};
  private static final long[] TWO = {2, 2};

  private RawModels() {}

  /** 784-512-256-10. */
  public static RawModel mlp() {
    return new RawModel(
        List.of(
            new long[] {512, 784},
            new long[] {512},
            new long[] {256, 512},
            new long[] {256},
            new long[] {10, 256},
            new long[] {10}),
        (p, x) -> linear(p, 4, linear(p, 2, linear(p, 0, x).relu()).relu()));
  }

  /** LeNet-5 with ReLU and maxima. */
  public static RawModel lenet() {
    return new RawModel(
        List.of(
            new long[] {6, 1, 5, 5},
            new long[] {6},
            new long[] {16, 6, 5, 5},
            new long[] {16},
            new long[] {120, 400},
            new long[] {120},
            new long[] {84, 120},
            new long[] {84},
            new long[] {10, 84},
            new long[] {10}),
        (p, x) -> {
          Tensor first = torch.max_pool2d(convolution(p, 0, x, TWO).relu(), TWO);
          Tensor second = torch.max_pool2d(convolution(p, 2, first, NONE).relu(), TWO);
          Tensor rows = second.flatten(1, -1);
          return linear(p, 8, linear(p, 6, linear(p, 4, rows).relu()).relu());
        });
  }

  /**
   * Embeddings of tokens and positions, encoder layers, the mean over the tokens, a linear layer.
   */
  public static RawModel encoder(
      int layers, long vocabulary, long tokens, long size, long heads, long hidden, long classes) {
    List<long[]> shapes = new ArrayList<>();
    shapes.add(new long[] {vocabulary, size});
    shapes.add(new long[] {tokens, size});
    for (int layer = 0; layer < layers; layer++) {
      shapes.addAll(
          List.of(
              new long[] {3 * size, size},
              new long[] {3 * size},
              new long[] {size, size},
              new long[] {size},
              new long[] {size},
              new long[] {size},
              new long[] {hidden, size},
              new long[] {hidden},
              new long[] {size, hidden},
              new long[] {size},
              new long[] {size},
              new long[] {size}));
    }
    shapes.add(new long[] {classes, size});
    shapes.add(new long[] {classes});
    return new RawModel(
        shapes,
        (p, x) -> {
          Tensor state = torch.embedding(p.get(0), x).add(p.get(1));
          for (int layer = 0; layer < layers; layer++) {
            state = layer(p, 2 + 12 * layer, state, heads);
          }
          return linear(p, 2 + 12 * layers, state.mean(1));
        });
  }

  private static Tensor layer(List<Tensor> p, int first, Tensor input, long heads) {
    long size = input.size(2);
    Tensor parts =
        linear(p, first, input)
            .view(input.size(0), input.size(1), 3, heads, size / heads)
            .permute(2, 0, 3, 1, 4);
    Tensor attended =
        torch.scaled_dot_product_attention(
            parts.select(0, 0),
            parts.select(0, 1),
            parts.select(0, 2),
            new TensorOptional(),
            0,
            false,
            new DoubleOptional(),
            false);
    Tensor merged = attended.transpose(1, 2).reshape(input.size(0), input.size(1), size);
    Tensor mixed = norm(p, first + 4, input.add(linear(p, first + 2, merged)));
    Tensor inner = linear(p, first + 6, mixed).relu();
    return norm(p, first + 10, mixed.add(linear(p, first + 8, inner)));
  }

  private static Tensor linear(List<Tensor> p, int first, Tensor input) {
    return torch.linear(input, p.get(first), new TensorOptional(p.get(first + 1)));
  }

  private static Tensor convolution(List<Tensor> p, int first, Tensor input, long[] padding) {
    TensorOptional bias = new TensorOptional(p.get(first + 1));
    return torch.conv2d(input, p.get(first), bias, ONE, padding, ONE, 1);
  }

  private static Tensor norm(List<Tensor> p, int first, Tensor input) {
    return torch.layer_norm(
        input,
        new long[] {input.size(2)},
        new TensorOptional(p.get(first)),
        new TensorOptional(p.get(first + 1)),
        1e-5,
        false);
  }
}
