package io.fabric4j.benchmark;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.distributed.FileRendezvous;
import io.fabric4j.internal.distributed.GroupBootstrap;
import io.fabric4j.internal.distributed.GroupOptions;
import io.fabric4j.internal.distributed.Transport;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where ranks of a benchmark meet.
 *
 * @param transport {@code shared-memory}, {@code tcp}, or {@code encrypted} for TCP with encryption
 * @param address on which this process listens
 * @param folder in which the ranks find each other
 * @param size ranks of the group
 */
record BenchmarkGroup(String transport, String address, Path folder, int size) {
  private static final byte[] KEY = "benchmark-secret".getBytes(StandardCharsets.UTF_8);

  /** Takes the first four arguments of a program. */
  static BenchmarkGroup of(String[] args) {
    return new BenchmarkGroup(args[0], args[1], Path.of(args[2]), Integer.parseInt(args[3]));
  }

  ProcessGroup join(int rank) throws Exception {
    boolean encrypted = transport.equals("encrypted");
    GroupOptions options =
        GroupOptions.defaults()
            .withEncryption(encrypted)
            .withTransport(encrypted ? Transport.TCP : Transport.of(transport));
    try (GroupBootstrap bootstrap =
        GroupBootstrap.open(InetAddress.getByName(address), address, KEY, options)) {
      return bootstrap.join(
          rank, FileRendezvous.exchange(folder, rank, size, bootstrap.endpoint()));
    }
  }
}
