package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows that exceed what their processes may take. */
class LargerThanMemoryIT {
  private static final Pattern ANONYMOUS =
      Pattern.compile("(driver|executor): at most (\\d+) MiB RssAnon");
  private static final Pattern WAITED =
      Pattern.compile("epoch (\\d+): .* waited for data ([\\d.]+) %");

  @TempDir private Path folder;
  private Process process;

  @AfterEach
  void stop() throws InterruptedException {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  /** 1.2 GB of rows in a JVM with a heap of 512 MiB. */
  @Test
  @Timeout(300)
  void trainsOnMoreRowsThanTheBudget() throws Exception {
    start(List.of(), "local[2]", "2", "150000", "32m", "1");

    String output = await(240);

    assertThat(peaks(output)).hasSize(1).allMatch(megabytes -> megabytes < 900);
  }

  @Test
  @Timeout(120)
  void leavesNoRowsBehindWhenItIsKilled() throws Exception {
    start(List.of(), "local[2]", "2", "20000", "1m", "100000");
    Path maps = Path.of("/proc/" + process.pid() + "/maps");
    while (!Files.readString(maps).contains("/fabric-rows-")) {
      Thread.sleep(100);
    }

    process.destroyForcibly().waitFor();

    try (Stream<Path> files = Files.walk(folder.resolve("local"))) {
      assertThat(files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum())
          .isLessThan(1 << 20);
    }
  }

  /** 8 GB of rows in two executors with a heap of 1 GiB each, all in 5 GiB. */
  @Test
  @Tag("long")
  @Timeout(1800)
  void trainsInACgroupSmallerThanTheRows() throws Exception {
    try (MemoryCgroup cgroup = MemoryCgroup.create("fabric-test", 5L << 30)) {
      start(cgroup.enter(), "local-cluster[2,1,1024]", "2", "1000000", "512m", "3");

      String output = await(1500);

      System.out.println(
          output.lines().filter(line -> line.matches("(epoch|driver|exec).*")).toList());
      assertThat(peaks(output)).hasSize(3).allMatch(megabytes -> megabytes < 1024 + 512 + 512);
      Matcher waited = WAITED.matcher(output);
      int epochs = 0;
      while (waited.find()) {
        epochs++;
        if (Integer.parseInt(waited.group(1)) > 1) {
          assertThat(Double.parseDouble(waited.group(2))).isLessThan(5);
        }
      }
      assertThat(epochs).isEqualTo(3);
    }
  }

  private void start(List<String> prefix, String... arguments) throws IOException {
    Path local = Files.createDirectory(folder.resolve("local"));
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-Dspark.local.dir=" + local));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(LargerThanMemory.class.getName());
    command.addAll(List.of(arguments));
    process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log()).start();
  }

  private File log() {
    return folder.resolve("log").toFile();
  }

  private String await(int seconds) throws Exception {
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    String output = Files.readString(log().toPath());
    assertThat(ended).as(output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private static List<Long> peaks(String output) {
    return ANONYMOUS.matcher(output).results().map(line -> Long.valueOf(line.group(2))).toList();
  }
}
