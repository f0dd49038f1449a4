package io.fabric4j.internal.distributed;

/** The calls that the ranks of a group make together. */
public enum Operation {
  JOIN("join"),
  ALL_REDUCE("allReduce"),
  BROADCAST("broadcast"),
  ALL_GATHER("allGather"),
  REDUCE_SCATTER("reduceScatter"),
  BARRIER("barrier"),
  ALL_GATHER_OBJECT("allGatherObject"),
  BROADCAST_OBJECT("broadcastObject"),
  ALLOCATE("allocate");

  private final String method;

  Operation(String method) {
    this.method = method;
  }

  @Override
  public String toString() {
    return method;
  }
}
