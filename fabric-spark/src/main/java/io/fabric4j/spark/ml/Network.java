package io.fabric4j.spark.ml;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The description of a network, which a stage holds as its param {@code network}: a built-in one, a
 * block of one's own, or a TorchScript file. Numbers of inputs, categories and classes are not part
 * of it; {@code fit} works them out.
 *
 * <p>The built-in ones standardize their inputs themselves. They are values: equal descriptions are
 * equal.
 */
public sealed interface Network extends Serializable
    permits TabularNetwork, ImageNetwork, FactoryNetwork, TorchScriptNetwork {

  /**
   * Returns a linear model: a weight for each element of the inputs, and one for each category of
   * categorical columns.
   */
  static Network linear() {
    return TabularNetwork.linear();
  }

  /**
   * Returns a multilayer perceptron with ReLU between its layers. Categorical columns are embedded.
   *
   * @param hidden sizes of the hidden layers; those of inputs and outputs follow from the data
   * @throws IllegalArgumentException if a size is not positive, or there is none
   */
  static Network mlp(int... hidden) {
    return TabularNetwork.deep(sizes("mlp", hidden));
  }

  /**
   * Returns the sum of a {@linkplain #linear linear model} and a {@linkplain #mlp perceptron} whose
   * categorical columns are embedded: wide and deep.
   *
   * @param hidden sizes of the hidden layers of the deep part
   * @throws IllegalArgumentException if a size is not positive, or there is none
   */
  static Network wideAndDeep(int... hidden) {
    return TabularNetwork.wideAndDeep(sizes("wideAndDeep", hidden));
  }

  private static List<Integer> sizes(String name, int... hidden) {
    if (hidden.length == 0 || Arrays.stream(hidden).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "The hidden layers of %s are %s. Give at least one size, each from 1 on, or use linear()."
              .formatted(name, Arrays.toString(hidden)));
    }
    return Arrays.stream(hidden).boxed().toList();
  }

  /**
   * Returns a small convolutional network for one column of images of one size: Spark's image type,
   * or arrays of shape (height, width, channels) or (height, width).
   */
  static Network cnn() {
    return new ImageNetwork(0, 0, 0);
  }

  /**
   * Returns a small convolutional network for images that lie in vectors, row after row, the
   * channels of a pixel side by side.
   *
   * @throws IllegalArgumentException if a size is not positive
   */
  static Network cnn(int height, int width, int channels) {
    if (height < 1 || width < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "The images of cnn are %d x %d with %d channels. Each has to be 1 or more."
              .formatted(height, width, channels));
    }
    return new ImageNetwork(height, width, channels);
  }

  /**
   * Returns a network of one's own. The factory gets a new, empty DJL model, no path (null), and
   * these arguments: {@code inputShapes}, a list of lists with the shape of one row of each input;
   * {@code categories}, a list with the number of categories of each input, 0 for quantities; and
   * {@code outputSizes}, a list with the number of classes or values of each output. Inputs come as
   * the columns are, unscaled, in their own types.
   *
   * <p>A stage with it can be saved if the factory's class has a constructor without arguments that
   * makes an equal factory: only the name of the class is written. Lambdas train, but cannot be
   * saved.
   */
  static Network of(BlockFactory factory) {
    return new FactoryNetwork(factory);
  }

  /**
   * Returns a network that starts from the weights of a TorchScript file. The file is read now, and
   * its bytes go wherever the stage goes.
   *
   * @param path local file
   * @throws UncheckedIOException if it cannot be read
   */
  static Network torchScript(String path) {
    try {
      return new TorchScriptNetwork(Files.readAllBytes(Path.of(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read the TorchScript file " + path + ": " + e + ". Name a local file.", e);
    }
  }

  /**
   * Returns a description that {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if it is none, or names a class that cannot be created
   */
  static Network fromJson(String json) {
    return NetworkJson.decode(json);
  }

  /**
   * Returns a text from which {@link #fromJson} makes an equal description.
   *
   * @throws IllegalArgumentException if it holds a factory that a name of a class cannot stand for
   */
  default String toJson() {
    return NetworkJson.encode(this);
  }

  /**
   * Creates a block, not yet initialised unless it brings weights. Runs on the ranks and wherever
   * the network is applied.
   *
   * @param owner of what the block needs beside its parameters; the block works until it is closed
   * @throws IllegalArgumentException if the network cannot take these inputs
   */
  Block newBlock(NDManager owner, NetworkSignature signature);
}
