package io.fabric4j;

import java.util.List;

/**
 * What {@link Fabric#setup} returns.
 *
 * @param block the block to call forward on
 * @param optimizers the optimizers of its parameters, in the order they were passed
 */
public record FabricSetup(FabricBlock block, List<FabricOptimizer> optimizers) {

  public FabricSetup {
    optimizers = List.copyOf(optimizers);
  }

  /**
   * Returns the only optimizer.
   *
   * @throws IllegalStateException if several were passed to setup
   */
  public FabricOptimizer optimizer() {
    if (optimizers.size() != 1) {
      throw new IllegalStateException(
          "This setup has "
              + optimizers.size()
              + " optimizers. Use optimizers().get(i), in the order passed to setup.");
    }
    return optimizers.get(0);
  }
}
