package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.function.IntFunction;

/** The one order in which every transport combines elements: {@code ((x0 + x1) + x2) + ...}. */
final class RankOrder {
  private RankOrder() {}

  /**
   * Combines the parts of all ranks into that of rank 0.
   *
   * @param parts the elements of a rank; closed here, except for rank 0's
   * @return rank 0's part
   */
  static FlatTensor combine(ReduceOp op, int size, IntFunction<FlatTensor> parts) {
    FlatTensor result = parts.apply(0);
    for (int rank = 1; rank < size; rank++) {
      try (FlatTensor part = parts.apply(rank)) {
        result.reduce(op, part);
      }
    }
    if (op == ReduceOp.AVG) {
      result.divide(size);
    }
    return result;
  }
}
