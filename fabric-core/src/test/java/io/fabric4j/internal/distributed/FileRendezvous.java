package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Lets ranks that are processes of their own exchange endpoints through a folder. */
public final class FileRendezvous {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private FileRendezvous() {}

  /** Publishes this rank's endpoint and returns those of all ranks. */
  public static List<String> exchange(Path folder, int rank, int size, String endpoint)
      throws IOException, InterruptedException {
    Path aside = Files.writeString(folder.resolve("aside-" + rank), endpoint);
    Files.move(aside, folder.resolve("endpoint-" + rank), StandardCopyOption.ATOMIC_MOVE);
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    List<String> endpoints = new ArrayList<>();
    for (int peer = 0; peer < size; peer++) {
      Path file = folder.resolve("endpoint-" + peer);
      while (!Files.exists(file)) {
        if (System.nanoTime() > deadline) {
          throw new IOException("Rank " + peer + " published no endpoint in " + DEADLINE + ".");
        }
        Thread.sleep(20);
      }
      endpoints.add(Files.readString(file));
    }
    return endpoints;
  }
}
