package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.Casts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Names, shapes and types of a model's parameters, compared between ranks before they allocate. */
final class ModelSignature {
  private final ArrayList<String> parameters = new ArrayList<>();

  void add(Map.Entry<String, Parameter> entry, String remark) {
    NDArray array = entry.getValue().getArray();
    parameters.add(entry.getKey() + array.getShape() + " " + Casts.dataType(array) + remark);
  }

  /**
   * Compares the ranks' models. Collective.
   *
   * @throws IllegalStateException on every rank, naming the first difference
   */
  void requireEqual(ProcessGroup group) {
    List<ArrayList<String>> all = group.allGatherObject(parameters);
    for (int rank = 1; rank < all.size(); rank++) {
      if (!all.get(rank).equals(all.get(0))) {
        throw new IllegalStateException(difference(all.get(0), rank, all.get(rank)));
      }
    }
  }

  private static String difference(List<String> first, int rank, List<String> other) {
    int i = 0;
    while (i < first.size() && i < other.size() && first.get(i).equals(other.get(i))) {
      i++;
    }
    return "Ranks set up different models: where rank 0 has "
        + (i < first.size() ? first.get(i) : "no more parameters")
        + ", rank "
        + rank
        + " has "
        + (i < other.size() ? other.get(i) : "no more parameters")
        + ". Every rank must build the same block and choose the same parameter groups.";
  }
}
