package io.fabric4j.distributed;

/** How a reducing collective combines the elements of the ranks, with torch.distributed's names. */
public enum ReduceOp {
  /** Sum in rank order: {@code ((x0 + x1) + x2) + ...}. */
  SUM,
  /** {@link #SUM} divided by the number of ranks; integers are truncated toward zero. */
  AVG,
  PRODUCT,
  MIN,
  MAX
}
