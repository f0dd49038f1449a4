package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of random bytes in the shared folder and their digest: whoever reads bytes of that digest
 * sees the same mount. Host names do not tell, because containers of one host may have a folder
 * each.
 */
record MountProof(Path file, String digest) {
  private static final Logger LOGGER = LoggerFactory.getLogger(MountProof.class);
  private static final int BYTES = 32;
  private static final String PREFIX = "fabric4j-";

  /** No rank waits as long for the others as what killed ranks have left may lie there. */
  private static final Duration STALE = Duration.ofDays(1);

  static MountProof create(Path folder) throws IOException {
    deleteStale(folder);
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    // The name is drawn apart from the content: it is published, the content is the proof.
    String name = PREFIX + HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    Path file = createPrivate(folder.resolve(name));
    try {
      Files.write(file, random);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    return new MountProof(file, sha256(random));
  }

  private static void deleteStale(Path folder) {
    FileTime limit = FileTime.from(Instant.now().minus(STALE));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).compareTo(limit) < 0) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOGGER.debug("Cannot delete old files in {}", folder, e);
    }
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
