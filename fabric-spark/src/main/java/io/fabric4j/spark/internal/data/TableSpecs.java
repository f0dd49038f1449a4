package io.fabric4j.spark.internal.data;

import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Agrees with the other ranks on the columns of each input. */
public final class TableSpecs {

  private TableSpecs() {}

  /** One rank's columns of each input; none where it has no rows. */
  private record Columns(List<List<ColumnSpec>> ofInputs) implements Serializable {}

  /**
   * Returns the tables by name; those without rows have their peers' columns. Collective.
   *
   * @throws IllegalArgumentException on every rank if columns differ between ranks
   */
  public static Map<String, Table> agree(List<Table> tables, ProcessGroup group) {
    Columns own = new Columns(tables.stream().map(table -> table.layout().columns()).toList());
    List<Columns> all = group.allGatherObject(own);
    Map<String, Table> agreed = new LinkedHashMap<>();
    for (int i = 0; i < tables.size(); i++) {
      int index = i;
      String input = tables.get(i).name();
      List<List<ColumnSpec>> ofRanks =
          all.stream().map(rank -> rank.ofInputs().get(index)).toList();
      agreed.put(input, tables.get(i).withColumns(common(input, ofRanks)));
    }
    return agreed;
  }

  private static List<ColumnSpec> common(String input, List<List<ColumnSpec>> ofRanks) {
    List<ColumnSpec> first = List.of();
    for (List<ColumnSpec> specs : ofRanks) {
      if (first.isEmpty()) {
        first = specs;
      } else if (!specs.isEmpty() && !specs.equals(first)) {
        throw new IllegalArgumentException(
            "The columns of input '"
                + input
                + "' differ between ranks: "
                + describe(first)
                + " on rank "
                + ofRanks.indexOf(first)
                + " and "
                + describe(specs)
                + " on rank "
                + ofRanks.indexOf(specs)
                + ". All rows of a column have one type and length; cast, pad or cut them first.");
      }
    }
    return first;
  }

  private static List<String> describe(List<ColumnSpec> specs) {
    return specs.stream().map(spec -> spec.name() + " " + spec.describe()).toList();
  }
}
