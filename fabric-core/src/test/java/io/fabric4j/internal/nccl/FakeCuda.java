package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import io.fabric4j.internal.TemporaryProperties;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A CUDA runtime and an NCCL that work on host memory, compiled from {@code src/test/c} and loaded
 * into this JVM in place of the real ones. Nothing but {@link NcclLibrary} knows them.
 */
final class FakeCuda {
  private static final Path SOURCES = Path.of("src/test/c");
  private static final Path FOLDER = Path.of("target/fake-cuda").toAbsolutePath();
  private static final Map<String, Object> RTLD_LAZY = Map.of("open-flags", 1);

  private FakeCuda() {}

  /** Loads the libraries, or skips the test where they cannot be built or would be a mixture. */
  static void load() {
    assumeTrue(Path.of("/usr/bin/gcc").toFile().canExecute(), "There is no /usr/bin/gcc");
    assumeTrue(
        NcclNatives.find(null, TorchLibrary.folder()).cudart() == null,
        "DJL's libtorch brings a real CUDA runtime");
    Loaded.check();
  }

  private static final class Loaded {
    static {
      compile("libcuda.so.1", "fake_driver.c");
      compile(
          "libcudart.so.12",
          "fake_cudart.c",
          "-Wl,--version-script=" + SOURCES.resolve("fake_cudart.map"));
      compile("libnccl.so.2", "fake_nccl.c", "-L" + FOLDER, "-l:libcudart.so.12");
      System.load(FOLDER.resolve("libcuda.so.1").toString());
      try (TemporaryProperties properties = new TemporaryProperties()) {
        properties.set(NcclNatives.SETTING, FOLDER.toString());
        NcclLibrary.load();
      }
    }

    static void check() {
      NcclLibrary.load();
    }
  }

  private static void compile(String library, String source, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"));
    command.addAll(List.of("-Wl,-soname," + library, "-o", FOLDER.resolve(library).toString()));
    command.add(SOURCES.resolve(source).toString());
    command.addAll(List.of(options));
    try {
      Files.createDirectories(FOLDER);
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor()).as(output).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What the libraries have created and not freed. */
  record Live(long streams, long events, long communicators, long registrations) {
    static final Live NOTHING = new Live(0, 0, 0, 0);

    static Live now() {
      return new Live(
          cudart("fakeLiveStreams"),
          cudart("fakeLiveEvents"),
          nccl("fakeLiveComms"),
          nccl("fakeLiveRegistrations"));
    }
  }

  /** Calls a function of the CUDA runtime that only the fake has. */
  static long cudart(String function, Object... arguments) {
    return call("libcudart.so.12", function, arguments);
  }

  /** Calls a function of NCCL that only the fake has. */
  static long nccl(String function, Object... arguments) {
    return call("libnccl.so.2", function, arguments);
  }

  private static long call(String library, String function, Object... arguments) {
    return NativeLibrary.getInstance(FOLDER.resolve(library).toString(), RTLD_LAZY)
        .getFunction(function)
        .invokeLong(arguments);
  }
}
