package io.fabric4j.internal.torch;

import ai.djl.ndarray.types.DataType;
import java.util.Objects;

/** Loads the libraries in a JVM of its own and checks what that leaves behind. */
final class TorchLibraryRun {
  static final String PASSED = "the libraries are loaded";
  static final String MAX_BYTES = "123456789";

  private TorchLibraryRun() {}

  public static void main(String[] args) {
    TorchLibrary.load();
    check("org.bytedeco.javacpp.maxbytes", MAX_BYTES);
    check("org.bytedeco.javacpp.maxphysicalbytes", null);
    check("org.bytedeco.javacpp.loadlibraries", null);
    try (FlatTensor tensor = FlatTensor.zeros(DataType.FLOAT32, 8)) {
      tensor.fill(1);
    }
    System.out.println(PASSED);
  }

  private static void check(String key, String expected) {
    if (!Objects.equals(System.getProperty(key), expected)) {
      throw new IllegalStateException(key + " is " + System.getProperty(key));
    }
  }
}
