package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A file of random bytes in the shared folder and their digest: whoever reads bytes of that digest
 * sees the same mount. Host names do not tell, because containers of one host may have a folder
 * each.
 */
record MountProof(Path file, String digest) {
  private static final int BYTES = 32;

  static MountProof create(Path folder) throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    // The name is drawn apart from the content: it is published, the content is the proof.
    String name = "fabric4j-" + HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    Path file = createPrivate(folder.resolve(name));
    try {
      Files.write(file, random);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return new MountProof(file, sha256(random));
  }

  /** Creates a new file that only this user can open. */
  static Path createPrivate(Path file) throws IOException {
    return Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** Returns whether the file is in a folder of this process. */
  boolean isVisibleIn(Path folder) {
    try (InputStream in = Files.newInputStream(in(folder))) {
      return sha256(in.readNBytes(BYTES)).equals(digest);
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the file as it would be called in a folder of this process. */
  Path in(Path folder) {
    return folder.resolve(file.getFileName());
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The folder may be gone; a left-over of 32 bytes harms nobody.
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
