package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaBackendTest {

  @ParameterizedTest
  @CsvSource({
    "2.5.1-cu124-linux-x86_64, 12",
    "cu130, 13",
    "cu118-precxx11, 11",
    "2.7.1-cpu-linux-x86_64, 0",
    "cpu, 0",
    "documents, 0"
  })
  void readsTheVersionOfCudaFromDjlsNames(String name, int major) {
    assertThat(CudaBackend.cudaMajor(name)).isEqualTo(major);
  }

  @Test
  void looksAtTheLoadedLibrary() {
    CudaBackend backend = CudaBackend.loaded();

    assertThat(backend.folder()).isNotEmpty();
    if (!backend.hasKernels()) {
      assertThat(backend.available()).isFalse();
    }
  }
}
