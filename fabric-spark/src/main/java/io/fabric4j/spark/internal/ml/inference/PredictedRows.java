package io.fabric4j.spark.internal.ml.inference;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Rows with predictions, made a batch at a time when they are asked for. */
final class PredictedRows implements Iterator<Row>, AutoCloseable {
  private final Iterator<Row> source;
  private final Inference inference;
  private final int[] fields;
  private final int threads;
  private final Supplier<NetworkCache.Lease> lease;
  private final List<Row> rows = new ArrayList<>();
  private NetworkCache.Lease network;
  private InputBatch batch;
  private float[][] outputs;
  private int position;
  private boolean closed;

  /**
   * Starts without reading a row.
   *
   * @param threads that one native operation may use
   * @param lease provides the network when the first batch is complete
   */
  PredictedRows(
      Iterator<Row> source,
      PredictPartition partition,
      int threads,
      Supplier<NetworkCache.Lease> lease) {
    this.source = source;
    this.inference = partition.inference();
    this.fields = partition.fields();
    this.threads = threads;
    this.lease = lease;
  }

  @Override
  public boolean hasNext() {
    if (position == rows.size() && !closed) {
      readBatch();
      if (rows.isEmpty()) {
        close();
      } else {
        predict();
      }
    }
    return position < rows.size();
  }

  private void readBatch() {
    rows.clear();
    position = 0;
    if (batch == null) {
      batch = new InputBatch(inference.inputs(), inference.handleInvalid(), inference.batchSize());
    }
    batch.clear();
    Object[] values = new Object[fields.length];
    while (!batch.isFull() && source.hasNext()) {
      Row row = source.next();
      for (int i = 0; i < fields.length; i++) {
        values[i] = row.get(fields[i]);
      }
      if (batch.add(values)) {
        rows.add(row);
      }
    }
  }

  private void predict() {
    if (network == null) {
      network = lease.get();
    }
    outputs = network.network().predict(batch, threads);
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("There are no more rows.");
    }
    Row row = rows.get(position);
    int size = row.size();
    Object[] values = new Object[size + inference.outputs().size()];
    for (int i = 0; i < size; i++) {
      values[i] = row.get(i);
    }
    inference.outputs().write(outputs, position, values, size);
    position++;
    return RowFactory.create(values);
  }

  /** Frees the batch's memory, and the network for others. */
  @Override
  public void close() {
    closed = true;
    rows.clear();
    position = 0;
    if (batch != null) {
      batch.close();
      batch = null;
    }
    if (network != null) {
      network.close();
      network = null;
    }
  }
}
