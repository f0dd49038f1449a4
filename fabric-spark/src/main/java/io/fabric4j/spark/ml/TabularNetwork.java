package io.fabric4j.spark.ml;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import io.fabric4j.spark.internal.ml.net.TabularBlock;
import java.util.List;

/**
 * A network for columns of numbers and categories.
 *
 * @param wide whether each number and category has a weight of its own for each output
 * @param hidden sizes of the hidden layers of the deep part; none if there is no such part
 */
record TabularNetwork(boolean wide, List<Integer> hidden) implements Network {

  static TabularNetwork linear() {
    return new TabularNetwork(true, List.of());
  }

  static TabularNetwork deep(List<Integer> hidden) {
    return new TabularNetwork(false, hidden);
  }

  static TabularNetwork wideAndDeep(List<Integer> hidden) {
    return new TabularNetwork(true, hidden);
  }

  @Override
  public Block newBlock(NDManager owner, NetworkSignature signature) {
    List<TabularBlock.Input> inputs =
        signature.inputs().stream()
            .map(input -> new TabularBlock.Input(input.elements(), input.categories()))
            .toList();
    return new TabularBlock(
        inputs, wide, hidden, signature.outputs().stream().map(TabularNetwork::output).toList());
  }

  private static TabularBlock.Output output(OutputColumn column) {
    return new TabularBlock.Output(column.size(), column.kind() == OutputColumn.Kind.VALUES);
  }
}
