package io.fabric4j;

import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.distributed.ShardedDataset;
import io.fabric4j.internal.data.LoaderSettings;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.precision.Precision;
import java.util.List;
import java.util.Locale;

/** Tells in words what a rank's Fabric decided. */
final class Explanation {
  private final StringBuilder text = new StringBuilder();
  private final RankOperations fabric;

  private Explanation(RankOperations fabric) {
    this.fabric = fabric;
  }

  static String of(Fabric fabric, List<BlockRuntime> blocks, List<FabricDataLoader> loaders) {
    Explanation explanation = new Explanation(fabric);
    explanation.ranks(fabric);
    explanation.precision(fabric.precision());
    blocks.forEach(explanation::block);
    loaders.forEach(explanation::loader);
    explanation.exactness();
    return explanation.text.toString();
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
  }

  private void ranks(Fabric self) {
    RankContext context = fabric.context();
    line(
        "Rank %d of %d, local rank %d on host %s, device %s",
        self.globalRank(),
        self.worldSize(),
        self.localRank(),
        fabric.rank().host(),
        CUDAAccelerator.describe(self.device()));
    line(
        "Strategy %s, transport %s: %s",
        context.strategy().name(), context.group().transport(), communication(context));
  }

  private static String communication(RankContext context) {
    if (!context.strategy().isDistributed()) {
      return "nothing is communicated";
    }
    return "gradients are combined over the ranks, "
        + (context.group().transport().equals("nccl") ? "in NCCL's order" : "in rank order");
  }

  private void precision(Precision precision) {
    line(
        "Precision %s: parameters %s, forward %s",
        precision.id(),
        precision.parameterType() == null ? "as they are" : "in " + precision.parameterType(),
        precision.computeType() == null ? "as it is" : "in " + precision.computeType());
  }

  private void block(BlockRuntime runtime) {
    line(
        "Block %s: %d parameters without gradient, %d buffers",
        runtime.block().getClass().getSimpleName(),
        runtime.parameters().constants().size() - runtime.parameters().buffers().size(),
        runtime.parameters().buffers().size());
    for (FlatGroup group : runtime.parameters().groups()) {
      long bytes = group.length() * group.data().elementSize();
      line(
          "  %d parameters in one buffer of %s, %s and as much for gradients; %s",
          group.slots().size(),
          group.dataType(),
          bytes(bytes),
          group.optimizer() < 0
              ? "no optimizer updates them"
              : "optimizer "
                  + group.optimizer()
                  + " updates "
                  + percent(runtime.synchronizer().slice(group).length(), group.length())
                  + " of them on this rank");
    }
    line("  gradients: %s", runtime.synchronizer().describe());
    for (int i = 0; i < runtime.optimizers().size(); i++) {
      line("  optimizer %d: state %s", i, bytes(runtime.optimizers().get(i).stateBytes()));
    }
  }

  private void loader(FabricDataLoader loader) {
    LoaderSettings settings = loader.settings();
    line(
        "Data loader of %d rows: %d batches of %d rows per epoch, %s; %s%s",
        loader.dataset().size(),
        loader.length(),
        settings.batchSize(),
        settings.order().shuffle() ? "shuffled anew in each epoch" : "in order",
        sharing(loader),
        loader.prefetch() == 0 ? "" : "; " + loader.prefetch() + " batches prepared ahead");
  }

  private String sharing(FabricDataLoader loader) {
    if (fabric.worldSize() == 1) {
      return "one rank sees all rows";
    }
    if (loader.settings().order().reshuffle()) {
      return "the ranks exchange the rows of their shards before each epoch";
    }
    if (loader.dataset() instanceof ShardedDataset) {
      return "the rows are this rank's shard already, so its sampler stays";
    }
    return loader.settings().order().distributed()
        ? "shared out by a distributed sampler"
        : "useDistributedSampler is off, so every rank sees all rows";
  }

  private void exactness() {
    line(
        "Exactness: with as many ranks and the same rows, a repeated or resumed run on CPU is"
            + " bit-equal%s",
        fabric.worldSize() == 1
            ? "."
            : " if each rank has a process of its own or no layer is random: the ranks of a process"
                + " share libtorch's generator.");
  }

  private static String percent(long part, long whole) {
    return whole == 0 ? "100 %" : Math.round(100.0 * part / whole) + " %";
  }

  private static String bytes(long count) {
    return count < 1 << 20 ? (count + 1023) / 1024 + " KiB" : (count >> 20) + " MiB";
  }
}
