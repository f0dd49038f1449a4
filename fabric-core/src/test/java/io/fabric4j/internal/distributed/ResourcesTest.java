package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ReduceOp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ResourcesTest {

  private record Use(long threads, long descriptors, long files, long mappings) {
    static Use now() throws IOException {
      return new Use(
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("fabric4j"))
              .count(),
          count(Path.of("/proc/self/fd"), ""),
          count(Path.of("/dev/shm"), "fabric4j"),
          segments());
    }

    private static long count(Path folder, String prefix) throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files.filter(file -> file.getFileName().toString().startsWith(prefix)).count();
      }
    }

    /** Counts mapped segments; file 0, the control page, is unmapped by a garbage collection. */
    private static long segments() throws IOException {
      try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
        return maps.filter(line -> line.matches(".*/dev/shm/fabric4j-\\w+-[1-9].*")).count();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Transport.class, mode = Mode.EXCLUDE, names = "AUTO")
  void manyCallsAndGroupsLeaveNothingBehind(Transport transport) throws Exception {
    allReduce(transport, 10);
    Use before = Use.now();
    allReduce(transport, 5000);
    for (int i = 0; i < 3; i++) {
      allReduce(transport, 10);
    }
    assertThat(Use.now()).isEqualTo(before);
  }

  private static void allReduce(Transport transport, int calls) {
    Ranks.runAll(
        2,
        Ranks.OPTIONS.withTransport(transport),
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = group.allocate(manager, new Shape(1000), DataType.FLOAT32);
            for (int i = 0; i < calls; i++) {
              group.allReduce(array, ReduceOp.AVG).waitFor();
            }
          }
        });
  }
}
