package io.fabric4j.internal;

import io.fabric4j.FabricException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/** Native libraries that lie in jars: they become files, once for all processes. */
public final class NativeResources {
  private NativeResources() {}

  /** Changes a library on its way from the jar to its file. */
  public interface Edit {
    byte[] apply(byte[] library);
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
    return extract(folder, resource, artifacts, library -> library);
  }

  /** Like {@link #extract(Path, String, String)}, with a change to the extracted copy. */
  public static Path extract(Path folder, String resource, String artifacts, Edit edit)
      throws IOException {
    Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    if (Files.exists(file)) {
      return file;
    }
    try (InputStream in = open(resource)) {
      if (in == null) {
        throw new FabricException(
            "The class path lacks "
                + resource
                + ". Natives are supported for linux-x86_64; add "
                + artifacts
                + " with that classifier, or use fabric-spark's *-all.jar.");
      }
      write(file, edit.apply(in.readAllBytes()));
    }
    return file;
  }

  /**
   * Returns the version of an artifact on the class path.
   *
   * @throws FabricException if its jar does not tell
   */
  public static String mavenVersion(String groupId, String artifactId) {
    String resource = "META-INF/maven/" + groupId + "/" + artifactId + "/pom.properties";
    Properties properties = new Properties();
    try (InputStream in = open(resource)) {
      if (in == null) {
        throw new IOException("resource " + resource + " is not on the class path");
      }
      properties.load(in);
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
    return properties.getProperty("version");
  }

  private static InputStream open(String resource) {
    return NativeResources.class.getClassLoader().getResourceAsStream(resource);
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
  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
    try {
      Files.write(temporary, content);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
