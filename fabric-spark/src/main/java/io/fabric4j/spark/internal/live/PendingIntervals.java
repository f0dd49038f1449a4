package io.fabric4j.spark.internal.live;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Intervals that no event carries yet; a rank's are joined where there are too many. */
final class PendingIntervals {
  private final Map<Integer, List<RankInterval>> byRank = new LinkedHashMap<>();
  private final int perRank;

  /**
   * @param perRank how many of a rank are kept apart
   */
  PendingIntervals(int perRank) {
    this.perRank = perRank;
  }

  void add(RankInterval interval) {
    List<RankInterval> list = byRank.computeIfAbsent(interval.rank(), rank -> new ArrayList<>());
    int last = list.size() - 1;
    if (list.size() >= perRank && list.get(last).attempt() == interval.attempt()) {
      list.set(last, list.get(last).with(interval));
    } else {
      list.add(interval);
    }
  }

  boolean isEmpty() {
    return byRank.isEmpty();
  }

  /** Removes the first ones of the ranks that have waited longest. */
  List<RankInterval> take(int max) {
    List<RankInterval> taken = new ArrayList<>();
    Iterator<List<RankInterval>> lists = byRank.values().iterator();
    while (lists.hasNext() && taken.size() < max) {
      List<RankInterval> head = lists.next();
      int count = Math.min(head.size(), max - taken.size());
      taken.addAll(head.subList(0, count));
      head.subList(0, count).clear();
      if (head.isEmpty()) {
        lists.remove();
      }
    }
    return taken;
  }
}
