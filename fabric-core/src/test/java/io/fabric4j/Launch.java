package io.fabric4j;

import java.io.Serializable;
import java.util.List;

/** Runs ranks as threads of this JVM. */
public final class Launch {

  private Launch() {}

  /** What a rank does; never serialized, so that it may capture what it likes. */
  @FunctionalInterface
  public interface Code<T> {
    T run(Fabric fabric) throws Exception;
  }

  /** Returns what the code returns on each rank. */
  public static <T extends Serializable> List<T> onRanks(int ranks, Code<T> code) {
    return onRanks(Fabric.builder(), ranks, code);
  }

  /** Returns what the code returns on each rank of a Fabric with the given choices. */
  public static <T extends Serializable> List<T> onRanks(
      FabricBuilder builder, int ranks, Code<T> code) {
    return onRanks(builder.devices(ranks), code);
  }

  /** Returns what the code returns on each of the builder's devices. */
  public static <T extends Serializable> List<T> onRanks(FabricBuilder builder, Code<T> code) {
    try (Fabric fabric = builder.threads(1).build()) {
      return fabric.launch(rank -> rank.processGroup().allGatherObject(code.run(rank)));
    }
  }
}
