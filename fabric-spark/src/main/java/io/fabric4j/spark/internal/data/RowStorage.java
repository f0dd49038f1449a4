package io.fabric4j.spark.internal.data;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a rank keeps rows.
 *
 * @param budget of all its rows in memory
 * @param folders where the others may lie; none if they must not, because Spark encrypts its files
 */
record RowStorage(MemoryBudget budget, List<Path> folders) {}
