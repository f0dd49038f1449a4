package io.fabric4j.internal.collectives;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Sends an object of one rank to all. */
public final class TreeBroadcast {
  private TreeBroadcast() {}

  private record Offer(int source, byte[] bytes) implements Serializable {}

  /**
   * Returns the object of rank {@code source}: itself there, a copy on the other ranks. Arrays and
   * NDLists anywhere in it are sent as arrays, of any data type and without gradient; all else is
   * serialized. Every rank must call this.
   *
   * @param manager owner of the arrays that the other ranks get
   * @param object ignored on the other ranks, where it may be null
   * @param source a rank of the group, the same on all ranks
   * @throws IllegalArgumentException on every rank, if the source lies outside the group or differs
   *     between ranks, or the object is not serializable; it names the class
   */
  @SuppressWarnings("unchecked")
  public static <T> T broadcast(ProcessGroup group, NDManager manager, T object, int source) {
    List<NDArray> arrays = new ArrayList<>();
    List<Offer> offers =
        Agreement.exchange(
            group,
            "broadcast",
            () -> {
              requireNonNull(manager, "manager is null");
              requireRank(source, group.size());
              boolean send = source == group.rank();
              return new Offer(source, send ? ArrayStream.encode(object, arrays) : new byte[0]);
            });
    Agreement.requireEqual(
        "broadcast",
        offers.stream().map(offer -> "source " + offer.source()).toList(),
        "Pass the same source on every rank.");
    Object result = object;
    if (source != group.rank()) {
      result = ArrayStream.decode(offers.get(source).bytes(), manager, arrays);
    }
    arrays.forEach(array -> send(group, array, source));
    return (T) result;
  }

  private static void send(ProcessGroup group, NDArray array, int source) {
    try (NDArray dense = ArrayGather.dense(array)) {
      group.broadcast(dense, source).waitFor();
    }
  }

  private static void requireRank(int source, int size) {
    if (source < 0 || source >= size) {
      throw new IllegalArgumentException(
          "source "
              + source
              + " lies outside a group of "
              + size
              + " ranks, 0 to "
              + (size - 1)
              + ".");
    }
  }
}
