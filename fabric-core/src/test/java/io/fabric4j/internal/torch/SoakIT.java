package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Native memory and NDArrays stay flat over 20,000 steps, in a JVM whose heap cannot grow and whose
 * compiler is done early.
 */
@Tag("long")
class SoakIT {
  private static final int SETTLED = 2_000;

  /** A leak shows in every run; the JVM's own late growth does not. */
  private static final int RUNS = 3;

  private static final double KIB_PER_1000_STEPS = 1;

  @Test
  @Timeout(900)
  void memoryStaysFlat() throws Exception {
    double slope = Double.POSITIVE_INFINITY;
    for (int run = 1; run <= RUNS && slope > KIB_PER_1000_STEPS; run++) {
      List<long[]> samples = run();
      samples.removeIf(sample -> sample[0] < SETTLED);
      slope = slope(samples) * 1000;
      System.out.printf("RssAnon after step %d: %.3f KiB per 1000 steps%n", SETTLED, slope);
      assertThat(samples).allMatch(sample -> sample[2] == samples.get(0)[2]);
    }
    assertThat(slope).isLessThanOrEqualTo(KIB_PER_1000_STEPS);
  }

  private static List<long[]> run() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms512m",
                "-Xmx512m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SoakRun.class.getName())
            .redirectErrorStream(true);
    // By default glibc keeps freed blocks, in amounts that vary by megabytes over time.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "65536");
    builder.environment().put("MALLOC_TRIM_THRESHOLD_", "65536");
    Process process = builder.start();
    List<long[]> samples = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        System.out.println(line);
        if (line.startsWith("soak ")) {
          String[] words = line.split(" ");
          samples.add(
              new long[] {
                Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])
              });
        }
      }
    }
    assertThat(process.waitFor()).isZero();
    assertThat(samples).hasSize(SoakRun.STEPS / 1000);
    return samples;
  }

  /** Returns the median slope of all pairs (Theil-Sen), which a passing bump does not move. */
  private static double slope(List<long[]> samples) {
    List<Double> slopes = new ArrayList<>();
    for (long[] a : samples) {
      for (long[] b : samples) {
        if (b[0] > a[0]) {
          slopes.add((double) (b[1] - a[1]) / (b[0] - a[0]));
        }
      }
    }
    Collections.sort(slopes);
    return slopes.get(slopes.size() / 2);
  }
}
