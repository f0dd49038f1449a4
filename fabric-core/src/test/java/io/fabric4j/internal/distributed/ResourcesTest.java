package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.distributed.Ranks.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class ResourcesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(value = Transport.class, mode = Mode.EXCLUDE, names = "AUTO")
  void manyCallsAndGroupsLeaveNothingBehind(Transport transport) throws Exception {
    allReduce(transport, 10);
    ResourceUse before = ResourceUse.now(folder);
    allReduce(transport, 5000);
    for (int i = 0; i < 3; i++) {
      allReduce(transport, 10);
    }
    assertThat(ResourceUse.now(folder)).isEqualTo(before);
  }

  private void allReduce(Transport transport, int calls) {
    Ranks.runAll(
        2,
        Ranks.OPTIONS.withTransport(transport).withSharedFolder(folder),
        group -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = group.allocate(manager, new Shape(1000), DataType.FLOAT32);
            for (int i = 0; i < calls; i++) {
              group.allReduce(array, ReduceOp.AVG).waitFor();
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#three")
  void aGroupThatFailedLeavesNothingBehind(Layout layout) throws Exception {
    fail(layout);
    ResourceUse before = ResourceUse.now(folder);
    for (int i = 0; i < 5; i++) {
      fail(layout);
    }
    assertThat(ResourceUse.now(folder)).isEqualTo(before);
  }

  private static void fail(Layout layout) {
    for (Outcome<?> outcome :
        Ranks.outcomes(
            layout.options(),
            group -> {
              if (group.rank() == 1) {
                throw new IllegalStateException("a rank's own");
              }
              return group.barrier();
            })) {
      assertThat(outcome.error()).isNotNull();
    }
  }
}
