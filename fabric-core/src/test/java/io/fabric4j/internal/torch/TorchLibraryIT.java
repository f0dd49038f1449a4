package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TorchLibraryIT {
  @TempDir private Path folder;

  @Test
  void processesThatStartAtOnceShareAnEmptyCache() throws Exception {
    Path cache = folder.resolve("cache");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(start(cache, folder.resolve("log-" + i)));
    }
    for (int i = 0; i < 2; i++) {
      assertThat(processes.get(i).waitFor(240, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(folder.resolve("log-" + i))).contains(TorchLibraryRun.PASSED);
      assertThat(processes.get(i).exitValue()).isZero();
    }
    for (String name : List.of("javacpp", "pytorch")) {
      String library = name.equals("javacpp") ? "libjnijavacpp.so" : "libjnitorch.so";
      byte[] expected = resource("org/bytedeco/" + name + "/linux-x86_64/" + library);
      assertThat(files(cache, library)).hasSize(1).first().satisfies(f -> hasBytes(f, expected));
    }
    assertThat(files(cache, ".tmp")).isEmpty();
  }

  private static Process start(Path cache, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dorg.bytedeco.javacpp.maxbytes=" + TorchLibraryRun.MAX_BYTES);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TorchLibraryRun.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("DJL_CACHE_DIR", cache.toString());
    builder.environment().remove("ENGINE_CACHE_DIR");
    return builder.start();
  }

  private static void hasBytes(Path file, byte[] expected) throws IOException {
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
  }

  private static byte[] resource(String name) throws IOException {
    try (var in = TorchLibraryIT.class.getClassLoader().getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static List<Path> files(Path root, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }
}
