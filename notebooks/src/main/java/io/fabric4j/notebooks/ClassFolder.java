package io.fabric4j.notebooks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of the classes of cells, from which Spark's executors load them. */
record ClassFolder(Path path) {
  private static final String PROPERTY = "spark.repl.class.outputDir";

  /** Makes the folder and tells Spark of it; call before the session starts. */
  static ClassFolder create() {
    try {
      Path path = Files.createTempDirectory("fabric-cells");
      System.setProperty(PROPERTY, path.toString());
      return new ClassFolder(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a class. */
  void write(String className, byte[] bytes) {
    try {
      Path file = path.resolve(className.replace('.', '/') + ".class");
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
