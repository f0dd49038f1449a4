package io.fabric4j.distributed;

/**
 * Marks a DJL dataset that holds only this rank's rows. A data loader takes all of them and never
 * distributes them again; ranks may hold different numbers of rows, none included.
 */
public interface ShardedDataset {}
