package io.fabric4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Watches how much memory this process and its descendants have beside pages of files. */
final class PeakMemory implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 100;

  private final Map<Long, Long> peaks = new TreeMap<>();
  private final Thread thread = new Thread(this::watch, "peak-memory");
  private volatile boolean closed;

  static PeakMemory start() {
    PeakMemory memory = new PeakMemory();
    memory.thread.setDaemon(true);
    memory.thread.start();
    return memory;
  }

  private void watch() {
    ProcessHandle self = ProcessHandle.current();
    while (!closed) {
      Stream.concat(Stream.of(self), self.descendants()).forEach(this::measure);
      try {
        Thread.sleep(INTERVAL_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void measure(ProcessHandle process) {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("RssAnon:")) {
          long megabytes = Long.parseLong(line.replaceAll("\\D", "")) >> 10;
          synchronized (peaks) {
            peaks.merge(process.pid(), megabytes, Math::max);
          }
        }
      }
    } catch (IOException e) {
      return; // the process has ended
    }
  }

  /** Prints a line per process, this one first. */
  void print() {
    synchronized (peaks) {
      long self = ProcessHandle.current().pid();
      System.out.printf("driver: at most %d MiB RssAnon%n", peaks.get(self));
      peaks.forEach(
          (pid, peak) -> {
            if (pid != self && peak > 100) {
              System.out.printf("executor: at most %d MiB RssAnon%n", peak);
            }
          });
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
