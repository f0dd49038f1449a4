package io.fabric4j.monitoring;

import ai.djl.Device;
import io.fabric4j.internal.torch.CudaRuntime;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory that this process and the rank's GPU use now, in bytes. Ranks that are threads of one
 * process see the same.
 *
 * @param process resident, Java heap and native memory together; 0 where Linux does not tell
 * @param heap of it Java objects, and those that the next garbage collection removes
 * @param device taken on the GPU by all processes, 0 on a CPU
 * @param deviceTotal the GPU's memory, 0 on a CPU
 */
public record MemoryUse(long process, long heap, long device, long deviceTotal)
    implements Serializable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  /** Returns the memory in use; about 0.1 ms, a GPU is not waited for. */
  public static MemoryUse now(Device device) {
    Runtime runtime = Runtime.getRuntime();
    long heap = runtime.totalMemory() - runtime.freeMemory();
    if (!device.isGpu()) {
      return new MemoryUse(resident(), heap, 0, 0);
    }
    CudaRuntime.Memory memory = CudaRuntime.memory(device);
    return new MemoryUse(resident(), heap, memory.total() - memory.free(), memory.total());
  }

  private static long resident() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
