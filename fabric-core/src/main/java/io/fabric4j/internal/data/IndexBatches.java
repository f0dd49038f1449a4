package io.fabric4j.internal.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** The rows of each step of a rank's epoch, from a first step on; a filler repeats row 0. */
public record IndexBatches(long[] rows, int batchSize, EpochPlan plan, long first)
    implements Iterable<List<Long>> {

  @Override
  public Iterator<List<Long>> iterator() {
    return new Iterator<>() {
      private long step = first;

      @Override
      public boolean hasNext() {
        return step < plan.steps();
      }

      @Override
      public List<Long> next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int count = plan.share(step).rows();
        long start = step++ * batchSize;
        if (count == 0) {
          return Collections.nCopies(plan.fillerRows(), 0L);
        }
        List<Long> batch = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          batch.add(rows[(int) start + i]);
        }
        return batch;
      }
    };
  }
}
