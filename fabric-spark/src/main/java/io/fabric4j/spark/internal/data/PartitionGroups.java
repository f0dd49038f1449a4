package io.fabric4j.spark.internal.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.AbstractIterator;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * Reads the partitions of another RDD in groups: the first group has partition 0, the next one
 * partition 1, and so on in turns. Unlike Spark's coalesced RDDs it may be part of a barrier stage,
 * which allows no parent with another number of partitions: it computes its parent itself, and
 * depends on the shuffles that the parent reads.
 */
final class PartitionGroups extends RDD<InternalRow> {
  private static final long serialVersionUID = 1L;

  private final RDD<InternalRow> parent;
  private final int groups;

  private PartitionGroups(RDD<InternalRow> parent, int groups) {
    super(
        parent.context(),
        CollectionConverters.asScala(shuffles(parent)).toSeq(),
        ClassTag$.MODULE$.apply(InternalRow.class));
    this.parent = parent;
    this.groups = groups;
  }

  /** Groups the partitions of an RDD. */
  static PartitionGroups of(RDD<InternalRow> parent, int groups) {
    return new PartitionGroups(parent, groups);
  }

  private static List<Dependency<?>> shuffles(RDD<?> rdd) {
    Map<Integer, Dependency<?>> found = new LinkedHashMap<>();
    addShuffles(rdd, found);
    return new ArrayList<>(found.values());
  }

  private static void addShuffles(RDD<?> rdd, Map<Integer, Dependency<?>> found) {
    for (Dependency<?> dependency : CollectionConverters.asJava(rdd.dependencies())) {
      if (dependency instanceof ShuffleDependency<?, ?, ?> shuffle) {
        found.put(shuffle.shuffleId(), shuffle);
      } else {
        addShuffles(dependency.rdd(), found);
      }
    }
  }

  /** Returns whether computing an RDD reads a shuffle. */
  static boolean isShuffled(RDD<?> rdd) {
    return !shuffles(rdd).isEmpty();
  }

  @Override
  public Partition[] getPartitions() {
    Partition[] all = parent.partitions();
    Partition[] grouped = new Partition[groups];
    for (int group = 0; group < groups; group++) {
      List<Partition> members = new ArrayList<>();
      for (int i = group; i < all.length; i += groups) {
        members.add(all[i]);
      }
      grouped[group] = new Group(group, members.toArray(Partition[]::new));
    }
    return grouped;
  }

  @Override
  public Iterator<InternalRow> compute(Partition split, TaskContext context) {
    return new Rows(((Group) split).members, context);
  }

  /** Some partitions of the parent. */
  private static final class Group implements Partition {
    private static final long serialVersionUID = 1L;

    private final int index;
    private final Partition[] members;

    Group(int index, Partition[] members) {
      this.index = index;
      this.members = members;
    }

    @Override
    public int index() {
      return index;
    }

    @Override
    public int hashCode() {
      return index;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Group group && group.index == index;
    }
  }

  /** One partition after the other; the next one is opened when all rows before have been read. */
  private final class Rows extends AbstractIterator<InternalRow> {
    private final Partition[] members;
    private final TaskContext context;
    private Iterator<InternalRow> current = Iterator.empty();
    private int next;

    Rows(Partition[] members, TaskContext context) {
      this.members = members;
      this.context = context;
    }

    @Override
    public boolean hasNext() {
      while (!current.hasNext()) {
        if (next == members.length) {
          return false;
        }
        current = parent.iterator(members[next++], context);
      }
      return true;
    }

    @Override
    public InternalRow next() {
      return current.next();
    }
  }
}
