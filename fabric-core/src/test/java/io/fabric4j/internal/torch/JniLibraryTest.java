package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JniLibraryTest {
  private static final JniLibrary.Place GPU =
      new JniLibrary.Place("2.5.1-20241113", "cu124", "linux-x86_64", "0.36.0");

  @Test
  void liesWhereDjlLooksBeforeItDownloads() {
    assertThat(GPU.file(Path.of("cache")))
        .isEqualTo(Path.of("cache/2.5.1-20241113-cu124-linux-x86_64/0.36.0-libdjl_torch.so"));
    assertThat(GPU.resource()).isEqualTo("jnilib/linux-x86_64/cu124/libdjl_torch.so");
  }

  @Test
  void fitsOnlyThePyTorchItWasBuiltFor() {
    assertThat(GPU.accepts("2.5.1-0.32.0")).isTrue();
    assertThat(GPU.accepts("2.7.1-0.36.0")).isFalse();
    assertThat(GPU.accepts("2.5.10-0.36.0")).isFalse();
  }

  @Test
  void isNotProvidedWhereDjlHasOne() throws Exception {
    TorchLibrary.load();
    assertThat(JniLibrary.provide()).isFalse();
  }
}
