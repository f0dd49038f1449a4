package io.fabric4j.spark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A group of processes that together get so much memory, page cache included. */
final class MemoryCgroup implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  private final Path folder;

  private MemoryCgroup(Path folder) {
    this.folder = folder;
  }

  /** Creates a group; skips the test, saying why, where that is not allowed. */
  static MemoryCgroup create(String name, long bytes) {
    boolean first = Files.isDirectory(ROOT.resolve("memory"));
    Path folder = (first ? ROOT.resolve("memory") : ROOT).resolve(name);
    try {
      Files.createDirectories(folder);
      String limit = first ? "memory.limit_in_bytes" : "memory.max";
      Files.writeString(folder.resolve(limit), Long.toString(bytes));
    } catch (IOException e) {
      assumeTrue(false, "No cgroup can be limited here: " + e);
    }
    return new MemoryCgroup(folder);
  }

  /** Returns the beginning of a command whose process joins the group. */
  List<String> enter() {
    String join = "echo $$ > " + folder.resolve("cgroup.procs") + " && exec \"$@\"";
    return List.of("sh", "-c", join, "sh");
  }

  /** Removes the group, after its processes have ended. */
  @Override
  public void close() throws Exception {
    for (int i = 0; i < 50 && !folder.toFile().delete(); i++) {
      Thread.sleep(100);
    }
  }
}
