package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What groups use in this process.
 *
 * @param threads of groups
 * @param descriptors all that are open
 * @param files with names in the shared folder
 * @param mappings of shared memory
 */
public record ResourceUse(long threads, long descriptors, long files, long mappings) {

  public static ResourceUse now(Path sharedFolder) throws IOException {
    return new ResourceUse(
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("fabric4j"))
            .count(),
        count(Path.of("/proc/self/fd")),
        count(sharedFolder),
        segments());
  }

  /** Returns the memory of this process that no file backs, in KiB. */
  static long anonymousKilobytes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("RssAnon:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    }
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  /** Counts mapped segments; file 0, the control page, is unmapped by a garbage collection. */
  private static long segments() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.matches(".*/fabric4j-\\w+-[1-9].*")).count();
    }
  }
}
