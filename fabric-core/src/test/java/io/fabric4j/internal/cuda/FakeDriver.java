package io.fabric4j.internal.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A library with the interface of NVIDIA's driver and made-up GPUs, built by gcc. */
public final class FakeDriver {
  private static final String SOURCE =
      """
      #include <stdio.h>
      #include <string.h>
      static const char *NAMES[] = {%s ""};
      static int COUNT = %d, VERSION = %d, INIT = %d;
      int cuInit(unsigned flags) { return flags ? 1 : INIT; }
      int cuDriverGetVersion(int *version) { *version = VERSION; return 0; }
      int cuDeviceGetCount(int *count) { *count = COUNT; return 0; }
      int cuDeviceGet(int *device, int ordinal) { *device = 100 + ordinal; return 0; }
      int cuDeviceGetName(char *name, int length, int device) {
        snprintf(name, length, "%%s", NAMES[device - 100]);
        return 0;
      }
      int cuDeviceTotalMem_v2(size_t *bytes, int device) {
        *bytes = (size_t)(device - 99) * 40 * 1024 * 1024 * 1024;
        return 0;
      }
      int cuGetErrorName(int error, const char **name) {
        *name = error == 100 ? "CUDA_ERROR_NO_DEVICE" : 0;
        return 1;
      }
      #ifndef OLD
      int cuDeviceGetUuid_v2(unsigned char *uuid, int device) {
        memset(uuid, device - 100, 16);
        uuid[0] = 0x5a;
        return 0;
      }
      #endif
      """;

  private FakeDriver() {}

  /** Builds a driver; skips the test where there is no gcc. */
  public static String build(
      Path folder, int version, int initResult, List<String> names, String... options) {
    StringBuilder quoted = new StringBuilder();
    names.forEach(name -> quoted.append('"').append(name).append("\", "));
    try {
      Path file = Files.createTempFile(folder, "cuda", ".c");
      Files.writeString(file, String.format(SOURCE, quoted, names.size(), version, initResult));
      String library = file.toString().replace(".c", ".so");
      Process gcc =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "exec gcc -shared -fPIC -o \"$0\" \"$1\" " + String.join(" ", options),
                  library,
                  file.toString())
              .inheritIO()
              .start();
      boolean built = gcc.waitFor() == 0;
      String reason = "Skipped: gcc, which builds a stand-in for NVIDIA's driver, is not here.";
      if (!built) {
        System.out.println(reason);
      }
      Assumptions.assumeTrue(built, reason);
      return library;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
