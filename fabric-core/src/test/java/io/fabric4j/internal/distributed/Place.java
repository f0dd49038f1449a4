package io.fabric4j.internal.distributed;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a rank's process runs.
 *
 * @param prefix the command that starts a command there
 * @param address on which its rank listens
 */
public record Place(List<String> prefix, String address) {
  public static final Place HERE = new Place(List.of(), "127.0.0.1");

  private static final String ADDRESS = "fabric.test.address";

  /** Returns a process that runs a class of the tests there. */
  public ProcessBuilder java(List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-D" + ADDRESS + "=" + address);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /** Returns the address of the place in which this process was started. */
  public static InetAddress ownAddress() throws UnknownHostException {
    return InetAddress.getByName(System.getProperty(ADDRESS));
  }
}
