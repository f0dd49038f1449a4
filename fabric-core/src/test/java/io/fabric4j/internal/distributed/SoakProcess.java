package io.fabric4j.internal.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import java.io.IOException;
import java.nio.file.Path;

/** Two ranks that reduce for long and print what they use. */
final class SoakProcess {
  private static final int WARM_UP = 20_000;

  private SoakProcess() {}

  /** Arguments: transport, number of calls, shared folder. */
  public static void main(String[] args) {
    GroupOptions options =
        Ranks.OPTIONS
            .withTransport(args[0].equals("encrypted") ? Transport.TCP : Transport.of(args[0]))
            .withSharedFolder(Path.of(args[2]))
            .withEncryption(args[0].equals("encrypted"));
    Ranks.runAll(2, options, group -> reduce(group, Integer.parseInt(args[1]), Path.of(args[2])));
  }

  private static void reduce(ProcessGroup group, int calls, Path folder) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray allocated = group.allocate(manager, new Shape(1000), DataType.FLOAT32);
      NDArray plain = manager.zeros(new Shape(1000));
      for (int i = 0; i < calls; i++) {
        group.allReduce(i % 2 == 0 ? allocated : plain, ReduceOp.AVG).waitFor();
        if (group.rank() == 0 && (i == WARM_UP || i == calls - 1)) {
          System.out.println(
              "calls "
                  + i
                  + " KiB "
                  + ResourceUse.anonymousKilobytes()
                  + " "
                  + ResourceUse.now(folder));
        }
      }
    }
  }
}
