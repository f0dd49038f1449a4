package io.fabric4j.internal.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  private static GroupOptions options(Transport transport) {
    return Ranks.OPTIONS.withTransport(transport).withChunkBytes(GroupOptions.MIN_CHUNK_BYTES);
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.CollectivesTest#groups")
  void gathersObjectsOfUnevenSizes(int size, Transport transport) {
    List<String> expected = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      expected.add("x".repeat(rank * rank * 100_000));
    }
    Ranks.runAll(
        size,
        options(transport),
        group -> {
          assertThat(group.allGatherObject(expected.get(group.rank()))).isEqualTo(expected);
          assertThat(group.allGatherObject(group.rank() == 0 ? null : "y"))
              .hasSize(size)
              .startsWith((String) null);
        });
  }

  @ParameterizedTest
  @MethodSource("io.fabric4j.internal.distributed.CollectivesTest#groups")
  void broadcastsFromEveryRoot(int size, Transport transport) {
    Ranks.runAll(
        size,
        options(transport),
        group -> {
          for (int root = 0; root < size; root++) {
            ArrayList<Integer> mine =
                new ArrayList<>(Collections.nCopies(50_000 * root, group.rank()));
            assertThat(group.broadcastObject(mine, root))
                .isEqualTo(Collections.nCopies(50_000 * root, root));
          }
        });
  }

  @Test
  void namesTheClassThatCannotBeSerialized() {
    Ranks.runAll(2, options(Transport.TCP), ObjectCollectivesTest::checkUnserializable);
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
