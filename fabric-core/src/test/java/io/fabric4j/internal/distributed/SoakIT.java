package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 100,000 all-reduces take no more memory, descriptors and threads than 20,000. */
@Timeout(600)
class SoakIT {
  private static final int CALLS = 100_000;

  /** A fixed heap, so that what grows is not Java's. */
  private static final List<String> OPTIONS =
      List.of(
          "-Xms128m",
          "-Xmx128m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

  /**
   * Files that the JVM may open and close meanwhile, such as jars; a leak of ours is in each call.
   */
  private static final int OF_THE_JVM = 8;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"shared-memory", "tcp"})
  void usesNoMoreFromCallToCall(String transport) throws Exception {
    assertFlat(transport);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = "encrypted")
  void usesNoMoreWhenItEncrypts(String transport) throws Exception {
    assertFlat(transport);
  }

  private void assertFlat(String transport) throws Exception {
    Process process =
        Place.HERE
            .java(
                OPTIONS,
                SoakProcess.class,
                List.of(transport, Integer.toString(CALLS), folder.toString()))
            .start();
    List<String> output = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as(output.toString()).isZero();
    List<String> lines = output.stream().filter(line -> line.startsWith("calls")).toList();
    System.out.println(transport + ": " + lines);
    String[] early = lines.get(0).split(" ", 5);
    String[] late = lines.get(1).split(" ", 5);
    long[] counts = counts(late[4]);
    for (int i = 0; i < counts.length; i++) {
      assertThat(counts[i]).as(late[4]).isLessThanOrEqualTo(counts(early[4])[i] + OF_THE_JVM);
    }
    assertThat(Long.parseLong(late[3])).isLessThan(Long.parseLong(early[3]) + (8 << 10));
  }

  /** Returns the numbers in the text of a {@link ResourceUse}. */
  private static long[] counts(String use) {
    return Stream.of(use.replaceAll("[^\\d,]", "").split(",")).mapToLong(Long::parseLong).toArray();
  }
}
