package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ObjectCollectivesTest {
  private record Unserializable(Thread thread) implements Serializable {}

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void gathersObjectsOfUnevenSizes(Layout layout) {
    List<String> expected = new ArrayList<>();
    for (int rank = 0; rank < layout.size(); rank++) {
      expected.add("x".repeat(rank * rank * 100_000));
    }
    Ranks.runAll(
        layout.inSmallChunks().options(),
        group -> {
          assertThat(group.allGatherObject(expected.get(group.rank()))).isEqualTo(expected);
          assertThat(group.allGatherObject(group.rank() == 0 ? null : "y"))
              .hasSize(layout.size())
              .startsWith((String) null);
        });
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#all")
  void broadcastsFromEveryRoot(Layout layout) {
    Ranks.runAll(
        layout.inSmallChunks().options(),
        group -> {
          for (int root = 0; root < layout.size(); root++) {
            ArrayList<Integer> mine =
                new ArrayList<>(Collections.nCopies(50_000 * root, group.rank()));
            assertThat(group.broadcastObject(mine, root))
                .isEqualTo(Collections.nCopies(50_000 * root, root));
          }
        });
  }

  @Test
  void namesTheClassThatCannotBeSerialized() {
    Ranks.runAll(2, Ranks.OPTIONS, ObjectCollectivesTest::checkUnserializable);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.Layout#betweenHosts")
  void refusesMoreThanTheLimitOnAllRanks(Layout layout) {
    List<GroupOptions> options =
        layout.options().stream().map(o -> o.withMaxObjectBytes(100_000)).toList();
    Ranks.runAll(
        options,
        group -> {
          String large = "x".repeat(group.rank() == 1 ? 99_990 : 5);
          assertThatThrownBy(() -> group.allGatherObject(large))
              .isExactlyInstanceOf(FabricException.class)
              .hasMessageContaining("The serialized objects of all ranks have 1000")
              .hasMessageContaining(" bytes ([12, 100003, 12")
              .hasMessageEndingWith(
                  " by rank), at most 100000 can be exchanged at once. Send large values as arrays.");
          assertThat(group.allGatherObject("x".repeat(1000))).hasSize(group.size());
        });
  }

  private static void checkUnserializable(ProcessGroup group) {
    Unserializable object = new Unserializable(Thread.currentThread());
    assertThatThrownBy(() -> group.allGatherObject(object))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Unserializable: java.io.NotSerializableException: java.lang.Thread");
    group.barrier();
  }

  @Test
  void findsClassesOfTheContextClassLoader() throws Exception {
    byte[] bytes = ObjectCodec.encode(new ArrayList<>(List.of("a")));
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    Thread.currentThread()
        .setContextClassLoader(
            new ClassLoader(before) {
              @Override
              protected Class<?> loadClass(String name, boolean resolve)
                  throws ClassNotFoundException {
                asked.add(name);
                return super.loadClass(name, resolve);
              }
            });
    try {
      assertThat(ObjectCodec.decode(bytes)).isEqualTo(List.of("a"));
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
    assertThat(asked).contains("java.util.ArrayList");
  }
}
