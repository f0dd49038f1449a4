package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Ranks, as threads of this JVM, and how they reach each other.
 *
 * @param name for test reports
 * @param options of each rank
 */
record Layout(String name, List<GroupOptions> options) {
  private static final List<Path> FOLDERS =
      IntStream.range(0, 3).mapToObj(host -> createFolder()).toList();

  /** Returns one rank; and for 2, 3 and 4 ranks, one layout of each kind and placement. */
  static Stream<Layout> all() {
    Stream<Layout> flat =
        IntStream.rangeClosed(2, 4)
            .boxed()
            .flatMap(size -> Stream.of(of(size, Transport.SHARED_MEMORY), of(size, Transport.TCP)));
    return Stream.of(Stream.of(of(1, Transport.AUTO)), flat, betweenHosts())
        .flatMap(layouts -> layouts);
  }

  /** Returns ranks on two and three hosts, of which at least one has several. */
  static Stream<Layout> betweenHosts() {
    return Stream.of(hosts(0, 0, 1), hosts(0, 0, 1, 1), hosts(0, 1, 0, 1), hosts(0, 1, 2, 1, 0));
  }

  /** Returns three ranks in each way; the last two may be apart from the first. */
  static Stream<Layout> three() {
    return Stream.of(of(3, Transport.SHARED_MEMORY), of(3, Transport.TCP), hosts(0, 1, 1));
  }

  static Layout of(int size, Transport transport) {
    return new Layout(
        size + " ranks, " + transport.label(),
        Collections.nCopies(size, Ranks.OPTIONS.withTransport(transport)));
  }

  /** Returns ranks that share memory only with those of the same host. */
  static Layout hosts(int... hosts) {
    return new Layout(
        "hosts " + Arrays.toString(hosts),
        IntStream.of(hosts)
            .mapToObj(host -> Ranks.OPTIONS.withSharedFolder(FOLDERS.get(host)))
            .toList());
  }

  int size() {
    return options.size();
  }

  /** Returns ranks whose arrays travel in the smallest chunks. */
  Layout inSmallChunks() {
    return with(o -> o.withChunkBytes(GroupOptions.MIN_CHUNK_BYTES));
  }

  Layout with(UnaryOperator<GroupOptions> change) {
    return new Layout(name, options.stream().map(change).toList());
  }

  Layout encrypted() {
    return new Layout(
        name + ", encrypted", options.stream().map(o -> o.withEncryption(true)).toList());
  }

  @Override
  public String toString() {
    return name;
  }

  private static Path createFolder() {
    try {
      Path folder = Files.createTempDirectory("fabric4j-host");
      folder.toFile().deleteOnExit();
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
