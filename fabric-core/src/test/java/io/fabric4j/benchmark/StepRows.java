package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/** Rows of a model in memory, and views of them as batches, one after the other. */
final class StepRows {
  private static final int BATCHES = 50;

  private final int rows;
  private final NDArray data;
  private final NDArray labels;
  private int step;

  StepRows(StepModel model, NDManager manager) {
    rows = model.rows();
    data = model.data(manager, BATCHES * rows);
    labels = model.labels(manager, BATCHES * rows);
  }

  NDArray data() {
    return data;
  }

  NDArray labels() {
    return labels;
  }

  void next() {
    step++;
  }

  NDList batch(NDManager manager) {
    return slice(manager, data);
  }

  NDList batchLabels(NDManager manager) {
    return slice(manager, labels);
  }

  private NDList slice(NDManager manager, NDArray all) {
    long size = all.size(0) / BATCHES;
    long start = step % BATCHES * size;
    return new NDList(all.get(manager, new NDIndex().addSliceDim(start, start + size)));
  }
}
