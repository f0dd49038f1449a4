package io.fabric4j.internal;

import io.fabric4j.FabricException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/** Native libraries that lie in jars: they become files, once for all processes. */
public final class NativeResources {
  private NativeResources() {}

  /** Brings a library from the jar to its file, and may change it on the way. */
  @FunctionalInterface
  public interface Transfer {
    void copy(InputStream in, OutputStream out) throws IOException;
  }

  /**
   * Returns the file of a library, extracted unless it exists.
   *
   * @param folder where the file lies
   * @param resource the library's name on the class path
   * @param artifacts Maven names of what contains it, for the message
   * @throws FabricException if the class path lacks the library
   * @throws IOException if the folder cannot be written to
   */
  public static Path extract(Path folder, String resource, String artifacts) throws IOException {
    return extract(folder, resource, artifacts, InputStream::transferTo);
  }

  /** Like {@link #extract(Path, String, String)}, with a change to the extracted copy. */
  public static Path extract(Path folder, String resource, String artifacts, Transfer transfer)
      throws IOException {
    Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    if (Files.exists(file)) {
      return file;
    }
    if (!exists(resource)) {
      throw new FabricException(
          "The class path lacks "
              + resource
              + ". Natives are supported for linux-x86_64; add "
              + artifacts
              + " with that classifier, or use fabric-spark's *-all.jar.");
    }
    write(resource, file, transfer);
    return file;
  }

  /** Returns whether the class path has a resource. */
  public static boolean exists(String resource) {
    return NativeResources.class.getClassLoader().getResource(resource) != null;
  }

  /** Writes a resource of the class path to a file. */
  public static void copy(String resource, Path file) throws IOException {
    write(resource, file, InputStream::transferTo);
  }

  /** Returns the properties that a resource of the class path holds. */
  public static Properties properties(String resource) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = open(resource)) {
      properties.load(in);
    }
    return properties;
  }

  /**
   * Returns the version of an artifact on the class path.
   *
   * @throws FabricException if its jar does not tell
   */
  public static String mavenVersion(String groupId, String artifactId) {
    String resource = "META-INF/maven/" + groupId + "/" + artifactId + "/pom.properties";
    try {
      return properties(resource).getProperty("version");
    } catch (IOException e) {
      throw new FabricException(
          "Cannot read the version of "
              + groupId
              + ":"
              + artifactId
              + " from the class path: "
              + e.getMessage()
              + ". A shaded jar has to keep "
              + resource
              + ".",
          e);
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = NativeResources.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("resource " + resource + " is not on the class path");
    }
    return in;
  }

  /**
   * Returns what to tell if a library did not load because another class loader has it, empty if
   * that was not the reason.
   */
  public static Optional<FabricException> ownedByAnotherLoader(Throwable error, String library) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains("already loaded in another classloader")) {
        return Optional.of(
            new FabricException(
                "Cannot load "
                    + library
                    + ": another class loader of this JVM has loaded it, and a native library"
                    + " belongs to one. Put the Fabric jar on $SPARK_HOME/jars or on"
                    + " spark.driver.extraClassPath and spark.executor.extraClassPath, so that one"
                    + " loader serves every application of the JVM.",
                error));
      }
    }
    return Optional.empty();
  }

  /** Writes aside and renames: several JVMs may start at once. */
  private static void write(String resource, Path file, Transfer transfer) throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
    try {
      try (InputStream in = open(resource);
          OutputStream out = Files.newOutputStream(temporary)) {
        transfer.copy(in, out);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
