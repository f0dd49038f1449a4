package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A /dev/shm of its own for some processes (a mount namespace), like a container's. Takes root. */
public final class PrivateMemory implements AutoCloseable {
  private final Process holder;

  private PrivateMemory(Process holder) {
    this.holder = holder;
  }

  /** Makes it; skips the test where that is not possible. */
  public static PrivateMemory create(String size) throws Exception {
    try {
      return create(size, List.of());
    } catch (IOException e) {
      String reason = "Skipped: a /dev/shm of " + size + " needs root: " + e.getMessage();
      System.out.println(reason);
      return Assumptions.abort(reason);
    }
  }

  /**
   * Makes it.
   *
   * @param prefix of the command, which has to replace itself by what follows
   */
  static PrivateMemory create(String size, List<String> prefix) throws Exception {
    List<String> command = new ArrayList<>(prefix);
    // The shell keeps the namespace; it ends with this process, which holds its input.
    command.addAll(
        List.of(
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount -t tmpfs -o size=" + size + " tmpfs /dev/shm && echo ready && read line"));
    Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
    String answer = holder.inputReader().readLine();
    if (!"ready".equals(answer)) {
      throw new IOException(answer);
    }
    return new PrivateMemory(holder);
  }

  /** Returns where processes see it. */
  public Place place() {
    return place("127.0.0.1", "-m");
  }

  Place place(String address, String... namespaces) {
    List<String> prefix = new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid())));
    prefix.addAll(List.of(namespaces));
    return new Place(prefix, address);
  }

  @Override
  public void close() throws InterruptedException {
    holder.destroy();
    holder.waitFor();
  }
}
