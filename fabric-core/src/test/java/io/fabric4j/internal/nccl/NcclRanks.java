package io.fabric4j.internal.nccl;

import ai.djl.Device;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.Ranks;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import java.util.List;

/** Runs ranks as threads of this JVM, for which arrays in CPU memory are on the GPU. */
final class NcclRanks {
  private NcclRanks() {}

  interface Action {
    void run(NcclProcessGroup group) throws Exception;
  }

  static void runAll(int size, Action action) {
    Ranks.runAll(
        size,
        Ranks.OPTIONS,
        host -> {
          try (NcclProcessGroup group = connect(host)) {
            action.run(group);
          }
        });
  }

  static List<Outcome<Object>> outcomes(int size, GroupOptions options, Action action) {
    return Ranks.outcomes(
        size,
        options,
        host -> {
          try (NcclProcessGroup group = connect(host)) {
            action.run(group);
          }
          return null;
        });
  }

  static NcclProcessGroup connect(ProcessGroup host) {
    return NcclProcessGroup.create(host, Device.cpu(), array -> true);
  }
}
