package io.fabric4j;

/**
 * What {@link Fabric#setup} returns.
 *
 * @param block the block to call forward on
 * @param optimizer the optimizer of its parameters
 */
public record FabricSetup(FabricBlock block, FabricOptimizer optimizer) {}
