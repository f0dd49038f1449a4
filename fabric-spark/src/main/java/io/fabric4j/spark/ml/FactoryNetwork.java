package io.fabric4j.spark.ml;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;

/** A block that the user's code makes. */
record FactoryNetwork(BlockFactory factory) implements Network {

  FactoryNetwork {
    Objects.requireNonNull(factory, "factory is null");
  }

  @Override
  public Block newBlock(NDManager owner, NetworkSignature signature) {
    Model model = Model.newInstance("fabric", owner.getDevice());
    owner.attachInternal(NDManager.nextUid(), model);
    Block block;
    try {
      block = factory.newBlock(model, null, arguments(signature));
    } catch (IOException e) {
      throw new UncheckedIOException(factory.getClass().getName() + " failed: " + e, e);
    }
    return Objects.requireNonNull(block, () -> factory.getClass().getName() + " returned null");
  }

  private static Map<String, ?> arguments(NetworkSignature signature) {
    return Map.of(
        "inputShapes",
        signature.inputs().stream().map(InputColumn::shape).toList(),
        "categories",
        signature.inputs().stream().map(InputColumn::categories).toList(),
        "outputSizes",
        signature.outputs().stream().map(OutputColumn::size).toList());
  }
}
