package io.fabric4j.internal.distributed;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a rank publishes so that the others find it. Contains no secret.
 *
 * @param host the address to connect to
 * @param port the port to connect to
 * @param transport the rank's wish
 * @param chunkBytes the rank's wish
 * @param mount a file that peers with the same shared folder can read
 */
record Endpoint(
    String host, int port, Transport transport, int chunkBytes, Optional<MountProof> mount) {
  private static final String VERSION = "fabric1";
  private static final int FIELDS = 7;

  /** Returns {@code host:port}. */
  String address() {
    return host + ":" + port;
  }

  String encode() {
    return String.join(
        ",",
        VERSION,
        host,
        Integer.toString(port),
        transport.label(),
        Integer.toString(chunkBytes),
        mount.map(MountProof::digest).orElse(""),
        mount.map(proof -> proof.file().toString()).orElse(""));
  }

  static Endpoint decode(String text) {
    String[] fields = text.split(",", FIELDS);
    if (fields.length != FIELDS || !fields[0].equals(VERSION)) {
      throw malformed(text, null);
    }
    try {
      return new Endpoint(
          fields[1],
          Integer.parseInt(fields[2]),
          Transport.of(fields[3]),
          Integer.parseInt(fields[4]),
          fields[5].isEmpty()
              ? Optional.empty()
              : Optional.of(new MountProof(Path.of(fields[6]), fields[5])));
    } catch (IllegalArgumentException e) {
      throw malformed(text, e);
    }
  }

  private static IllegalArgumentException malformed(String text, Exception cause) {
    return new IllegalArgumentException(
        "'"
            + text
            + "' is not an endpoint of this version. Pass on what endpoint() returns on each rank,"
            + " and run the same version of Fabric on every rank.",
        cause);
  }
}
