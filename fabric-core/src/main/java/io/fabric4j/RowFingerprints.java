package io.fabric4j;

import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ShardedDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Tells whether a run is resumed with the rows, and the order of rows, that it was saved with. */
final class RowFingerprints {
  private RowFingerprints() {}

  /** Returns for each data loader the fingerprint of each rank's rows. Collective. */
  static List<List<String>> of(ProcessGroup group, List<FabricDataLoader> loaders) {
    ArrayList<String> own = new ArrayList<>();
    loaders.forEach(loader -> own.add(of(loader.dataset())));
    List<ArrayList<String>> ranks = group.allGatherObject(own);
    List<List<String>> result = new ArrayList<>();
    for (int loader = 0; loader < loaders.size(); loader++) {
      int index = loader;
      result.add(ranks.stream().map(rank -> rank.get(index)).toList());
    }
    return result;
  }

  private static String of(RandomAccessDataset dataset) {
    OptionalLong order =
        dataset instanceof ShardedDataset shard ? shard.fingerprint() : OptionalLong.empty();
    return dataset.size()
        + " rows"
        + (order.isPresent() ? " in the order %016x".formatted(order.getAsLong()) : "");
  }

  /**
   * Returns what keeps a resumed run from being exact, if anything does.
   *
   * @param saved by data loader and rank, as {@link #of} returned it when it was saved
   */
  static Optional<String> difference(List<List<String>> saved, List<List<String>> here) {
    for (int loader = 0; loader < Math.min(saved.size(), here.size()); loader++) {
      List<String> before = saved.get(loader);
      List<String> now = here.get(loader);
      if (before.size() != now.size()) {
        return Optional.of(
            "it was saved by %d ranks and goes on with %d".formatted(before.size(), now.size()));
      }
      for (int rank = 0; rank < now.size(); rank++) {
        if (!before.get(rank).equals(now.get(rank))) {
          return Optional.of(
              "rank %d has other rows, or rows in another order, in data loader %d (%s, saved with %s)"
                  .formatted(rank, loader, now.get(rank), before.get(rank)));
        }
      }
    }
    return Optional.empty();
  }
}
