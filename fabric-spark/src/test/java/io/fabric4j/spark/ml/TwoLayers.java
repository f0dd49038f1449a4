package io.fabric4j.spark.ml;

import ai.djl.Model;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A block of one's own. */
public final class TwoLayers implements BlockFactory {
  private static final long serialVersionUID = 1L;

  int size = 8;

  @Override
  public Block newBlock(Model model, Path path, Map<String, ?> arguments) {
    int outputs = (Integer) ((List<?>) arguments.get("outputSizes")).get(0);
    return new SequentialBlock()
        .add(Linear.builder().setUnits(size).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(outputs).build());
  }
}
