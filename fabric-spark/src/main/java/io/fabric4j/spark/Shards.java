package io.fabric4j.spark;

import io.fabric4j.spark.internal.data.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** This rank's rows of each input of a launch, by the input's name. */
public final class Shards {
  private final Map<String, Table> tables;

  Shards(Map<String, Table> tables) {
    this.tables = tables;
  }

  /**
   * Returns this rank's rows of an input.
   *
   * @throws NoSuchElementException if there is no such input; the message lists those there are
   */
  public Shard get(String name) {
    Table table = tables.get(name);
    if (table == null) {
      throw new NoSuchElementException(
          "There is no input '"
              + name
              + "'. The launch has "
              + names()
              + "; inputs are named by SparkFabric.Builder.input.");
    }
    return new Shard(table);
  }

  /** Returns the names of the inputs, in the order in which the builder got them. */
  public List<String> names() {
    return new ArrayList<>(tables.keySet());
  }
}
