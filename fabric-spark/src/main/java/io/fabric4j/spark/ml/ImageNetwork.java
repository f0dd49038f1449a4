package io.fabric4j.spark.ml;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import io.fabric4j.spark.internal.ml.net.ImageBlock;
import java.util.List;

/**
 * A small convolutional network.
 *
 * @param height of images in vectors; 0 if the input's shape tells
 * @param width as {@code height}
 * @param channels as {@code height}
 */
record ImageNetwork(int height, int width, int channels) implements Network {

  @Override
  public Block newBlock(NDManager owner, NetworkSignature signature) {
    if (signature.inputs().size() != 1 || signature.outputs().size() != 1) {
      throw new IllegalArgumentException(
          "The network cnn takes one column of images and has one output, but there are "
              + signature.inputs().size()
              + " inputs and "
              + signature.outputs().size()
              + " labels. Use Network.of with a block of your own.");
    }
    InputColumn input = signature.inputs().get(0);
    OutputColumn output = signature.outputs().get(0);
    return ImageBlock.create(size(input), output.size(), output.kind() == OutputColumn.Kind.VALUES);
  }

  /** Returns height, width and channels. */
  private long[] size(InputColumn input) {
    List<Long> shape = input.shape();
    if (height > 0) {
      if (input.elements() != (long) height * width * channels) {
        throw new IllegalArgumentException(
            "Column '%s' has %d elements a row, but cnn(%d, %d, %d) takes %d."
                .formatted(
                    input.name(),
                    input.elements(),
                    height,
                    width,
                    channels,
                    (long) height * width * channels));
      }
      return new long[] {height, width, channels};
    }
    return switch (shape.size()) {
      case 2 -> new long[] {shape.get(0), shape.get(1), 1};
      case 3 -> new long[] {shape.get(0), shape.get(1), shape.get(2)};
      default ->
          throw new IllegalArgumentException(
              "Column '%s' has rows of shape %s, which tells no height and width. Use cnn(height,"
                      .formatted(input.name(), shape)
                  + " width, channels), or a column of images.");
    };
  }
}
