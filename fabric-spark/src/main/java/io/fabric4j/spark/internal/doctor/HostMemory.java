package io.fabric4j.spark.internal.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory of a host or container, in bytes.
 *
 * @param available for new processes
 * @param shared free room in /dev/shm, -1 if there is none
 */
record HostMemory(long available, long shared) implements Serializable {
  private static final Path SHARED = Path.of("/dev/shm");
  private static final Pattern AVAILABLE = Pattern.compile("MemAvailable: *(\\d+) kB");
  private static final long KIB = 1024;

  static HostMemory read() throws IOException {
    return new HostMemory(readAvailable(), readShared());
  }

  /** The JVM knows a container's limit, and Linux what can be freed for new processes. */
  private static long readAvailable() throws IOException {
    long limit =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    Matcher line = AVAILABLE.matcher(Files.readString(Path.of("/proc/meminfo")));
    return line.find() ? Math.min(limit, Long.parseLong(line.group(1)) * KIB) : limit;
  }

  private static long readShared() throws IOException {
    if (!Files.isWritable(SHARED)) {
      return -1;
    }
    FileStore store = Files.getFileStore(SHARED);
    return store.getUsableSpace();
  }
}
