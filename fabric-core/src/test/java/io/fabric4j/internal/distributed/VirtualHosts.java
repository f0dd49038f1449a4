package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Two network namespaces joined by a cable (veth), each with a /dev/shm of its own: for ranks they
 * are two hosts. Making them takes root and iproute2.
 */
public final class VirtualHosts implements AutoCloseable {
  private static final List<String> NAMES =
      List.of(
          "fabric" + ProcessHandle.current().pid() + "a",
          "fabric" + ProcessHandle.current().pid() + "b");

  private final List<PrivateMemory> memories = new ArrayList<>();

  /** Makes the hosts; skips the test where that is not possible. */
  public VirtualHosts() throws Exception {
    String reason = "Skipped: network namespaces need root and the command ip (iproute2).";
    boolean possible = tryRun("ip", "netns", "add", NAMES.get(0));
    if (!possible) {
      System.out.println(reason);
    }
    Assumptions.assumeTrue(possible, reason);
    try {
      run("ip", "netns", "add", NAMES.get(1));
      run("ip", "link", "add", NAMES.get(0), "type", "veth", "peer", "name", NAMES.get(1));
      for (int host = 0; host < NAMES.size(); host++) {
        open(host);
      }
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  private void open(int host) throws Exception {
    String name = NAMES.get(host);
    run("ip", "link", "set", name, "netns", name);
    run("ip", "-n", name, "addr", "add", address(host) + "/30", "dev", name);
    run("ip", "-n", name, "link", "set", "lo", "up");
    run("ip", "-n", name, "link", "set", name, "up");
    memories.add(PrivateMemory.create("64m", List.of("ip", "netns", "exec", name)));
  }

  private static String address(int host) {
    return "10.213.77." + (host + 1);
  }

  /** Returns where processes of a host, 0 or 1, run. */
  public Place place(int host) {
    return memories.get(host).place(address(host), "-n", "-m");
  }

  /** Pulls the cable or plugs it in. */
  public void setLink(String state) throws Exception {
    run("ip", "-n", NAMES.get(0), "link", "set", NAMES.get(0), state);
  }

  /** Makes the cable as slow as a network, in both directions. */
  public void limitRate(String rate) throws Exception {
    for (String name : NAMES) {
      run(
          "tc", "-n", name, "qdisc", "add", "dev", name, "root", "tbf", "rate", rate, "burst",
          "256kb", "latency", "20ms");
    }
  }

  @Override
  public void close() throws Exception {
    for (PrivateMemory memory : memories) {
      memory.close();
    }
    for (String name : NAMES) {
      tryRun("ip", "netns", "del", name);
    }
  }

  private static void run(String... command) throws Exception {
    if (!tryRun(command)) {
      throw new IOException("Failed: " + String.join(" ", command));
    }
  }

  private static boolean tryRun(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // no such command
    }
  }
}
