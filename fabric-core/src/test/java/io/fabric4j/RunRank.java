package io.fabric4j;

import io.fabric4j.internal.distributed.Transport;
import io.fabric4j.internal.torch.TorchGenerator;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One rank of {@link RunResumeIT} in a JVM of its own: a model with dropout. */
final class RunRank {
  private static final int ROWS = 120;

  /** A step that gives the test time to kill it. */
  private static final long STEP_MILLIS = 20;

  private RunRank() {}

  /** Arguments: folder, rank, ranks, directory of runs, application, attempt. */
  public static void main(String[] args) throws Exception {
    RunOptions run =
        RunOptions.of(args[3], "run")
            .everySteps(3)
            .ownerTimeout(Duration.ofSeconds(3))
            .writtenBy(new RunWriter(args[4], 0, Integer.parseInt(args[5])));
    RankProcesses.run(
        args,
        Transport.SHARED_MEMORY,
        Fabric.builder().strategy("ddp").threads(1).run(run).options(),
        RunRank::train);
  }

  private static byte[] train(Fabric fabric) throws Exception {
    TorchGenerator.seed(100 + fabric.globalRank());
    float[] result = new RunTraining(fabric, ROWS, 0.3f).run(unused -> Thread.sleep(STEP_MILLIS));
    ByteBuffer bytes = ByteBuffer.allocate(4 * result.length);
    bytes.asFloatBuffer().put(result);
    return bytes.array();
  }
}
