package io.fabric4j.benchmark;

import io.fabric4j.Fabric;
import io.fabric4j.RankRunner;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.optim.AdamW;
import io.fabric4j.strategies.DDPStrategy;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;

/**
 * A rank that trains the CNN when it is told to: each line of standard input is {@code OVERLAP
 * STEPS}, the first one 1 for {@code ddp} and 0 for the same without overlap, and the answer the
 * mean time of a step in microseconds. Started by {@code bench/cpu/collectives}.
 *
 * <p>Arguments: transport, address, folder in which the processes meet, ranks, rank.
 */
public final class OverlapRank {
  private static final int WARM_UP = 2;

  private OverlapRank() {}

  public static void main(String[] args) throws Exception {
    TorchLibrary.load();
    int rank = Integer.parseInt(args[4]);
    try (ProcessGroup group = BenchmarkGroup.of(args).join(rank)) {
      System.out.println("ready");
      BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line; (line = commands.readLine()) != null; ) {
        String[] words = line.split(" ");
        DDPStrategy ddp = words[0].equals("1") ? new DDPStrategy() : DDPStrategy.withoutOverlap();
        System.out.println(train(group, ddp, Integer.parseInt(words[1])));
      }
    }
  }

  private static double train(ProcessGroup group, DDPStrategy ddp, int steps) throws Exception {
    return RankRunner.run(
        Fabric.builder().accelerator("cpu").threads(1).strategy(ddp).options(),
        RankInfo.of(group.rank(), Collections.nCopies(group.size(), "localhost")),
        group,
        new LocalCheckpointIO(),
        message -> {},
        fabric -> {
          BenchmarkModel model = BenchmarkModel.CNN;
          try (TrainingStep step =
              new TrainingStep(
                  fabric, model, model.rows(), AdamW.builder().learningRate(1e-3).build(), false)) {
            step.time(WARM_UP);
            fabric.barrier();
            return step.time(steps);
          }
        });
  }
}
