package io.fabric4j.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeBindingsTest {
  @TempDir private Path folder;

  private NativeBindings bindings(String... classes) {
    return new NativeBindings("the bindings", folder, "org.example:bindings", List.of(classes));
  }

  private static void assertFails(
      NativeBindings bindings, NativeBindings.Extraction extraction, String message) {
    assertThatThrownBy(
            () -> bindings.load(extraction, e -> new FabricException("Not linked: " + e)))
        .isInstanceOf(FabricException.class)
        .hasMessageContaining(message);
    assertThat(System.getProperty("org.bytedeco.javacpp.loadlibraries")).isNull();
  }

  @Test
  void tellsWhatDoesNotFit() throws IOException {
    Path garbage = Files.writeString(folder.resolve("garbage.so"), "no library");
    assertFails(bindings(), to -> List.of(garbage), "Not linked: java.lang.UnsatisfiedLinkError");
    assertFails(
        bindings(),
        to -> {
          throw new IllegalArgumentException("bad ELF header");
        },
        "Cannot load the bindings: java.lang.IllegalArgumentException: bad ELF header. What is on"
            + " the class path is not org.example:bindings as published.");
    assertFails(
        bindings(),
        to -> {
          throw new IOException("disk full");
        },
        "Cannot extract the bindings to " + folder + ": java.io.IOException: disk full.");
    assertFails(
        bindings("org.example.Missing"),
        to -> List.of(),
        "The class path lacks org.example.Missing. Add org.example:bindings.");
    assertFails(
        bindings(Unusable.class.getName()),
        to -> List.of(),
        "Cannot load the bindings: java.lang.ExceptionInInitializerError");
  }

  /** A class that the natives' absence breaks. */
  static final class Unusable {
    static final int VALUE = Integer.parseInt("none");
  }

  @Test
  void makesOneAttempt() {
    int[] calls = new int[1];
    LoadAttempt attempt =
        LoadAttempt.make(
            () -> {
              calls[0]++;
              throw new FabricException("no luck");
            });
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(attempt::requireSuccess)
          .isInstanceOf(FabricException.class)
          .hasMessage("no luck")
          .hasRootCauseMessage("no luck");
    }
    assertThat(calls[0]).isEqualTo(1);
  }
}
