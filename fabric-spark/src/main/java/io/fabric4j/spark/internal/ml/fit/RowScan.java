package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import io.fabric4j.FabricException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Looks at the rows of a rank once, in order. */
final class RowScan {
  private static final int ROWS = 4096;

  private RowScan() {}

  /**
   * Passes rows on, in pieces that are closed afterwards.
   *
   * @param limit rows at most
   */
  static void run(
      RandomAccessDataset rows, long limit, NDManager manager, Consumer<Batch> consumer) {
    long count = Math.min(limit, rows.size());
    if (count == 0) {
      return;
    }
    try {
      for (Batch batch : rows.getData(manager, new Pieces(count))) {
        consumer.accept(batch);
        batch.close();
      }
    } catch (IOException | TranslateException e) {
      throw new FabricException("Cannot read the rows of this rank: " + e.getMessage(), e);
    }
  }

  /** The first rows, one after the other. */
  private record Pieces(long count) implements Sampler {
    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset ignored) {
      return LongStream.range(0, (count + ROWS - 1) / ROWS)
          .mapToObj(
              piece ->
                  LongStream.range(piece * ROWS, Math.min(count, (piece + 1) * ROWS))
                      .boxed()
                      .toList())
          .iterator();
    }

    @Override
    public int getBatchSize() {
      return ROWS;
    }
  }
}
