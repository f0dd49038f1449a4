package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import org.apache.spark.sql.Row;

/** A number or a truth value. */
enum ScalarField implements FieldReader {
  FLOAT {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      writer.put(name, ((Number) row.get(field)).floatValue());
    }

    /** NaN is what a null is kept as, and like a null otherwise. */
    @Override
    public void putNull(String name, RowWriter writer) {
      writer.put(name, Float.NaN);
    }
  },
  INT {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      writer.put(name, ((Number) row.get(field)).intValue());
    }
  },
  LONG {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      writer.put(name, row.getLong(field));
    }
  },
  BOOLEAN {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      writer.put(name, row.getBoolean(field));
    }
  }
}
