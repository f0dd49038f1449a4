package io.fabric4j.internal.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/** Native libraries and their properties, as the class path holds them. */
final class NativeFiles {
  private NativeFiles() {}

  static boolean exists(String resource) {
    return NativeFiles.class.getClassLoader().getResource(resource) != null;
  }

  static Properties properties(String resource) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = open(resource)) {
      properties.load(in);
    }
    return properties;
  }

  /** Writes aside and renames: several JVMs may start at once. */
  static void copy(String resource, Path file) throws IOException {
    Path folder = Files.createDirectories(file.getParent());
    Path temporary = Files.createTempFile(folder, file.getFileName().toString(), ".tmp");
    try (InputStream in = open(resource)) {
      Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = NativeFiles.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("resource " + resource + " is not on the class path");
    }
    return in;
  }
}
