package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What load puts where, and what it returns and rejects. */
class StateRestoreTest {
  @TempDir private Path folder;
  private Fabric fabric;
  private String path;

  @BeforeEach
  void open() {
    fabric = Fabric.builder().build();
    path = folder.resolve("a").toString();
  }

  @AfterEach
  void close() {
    fabric.close();
  }

  private NDArray array(float value) {
    return fabric.manager().create(new float[] {value});
  }

  private static float first(Object array) {
    return ((NDArray) array).toFloatArray()[0];
  }

  private Block block() {
    Block block = Linear.builder().setUnits(2).build();
    block.initialize(fabric.manager(), DataType.FLOAT32, new Shape(1, 3));
    return block;
  }

  private static Map<String, Object> state(String key, Object value) {
    return new HashMap<>(Map.of(key, value));
  }

  @Test
  void replacesValuesBesideObjectsInLists() throws IOException {
    fabric.save(path, Map.of("list", List.of(array(7), 3, "x", List.of(1, 2))));
    List<Object> list = new ArrayList<>(List.of(array(1), 0, "y", List.of()));
    NDArray before = (NDArray) list.get(0);
    assertThat(fabric.load(path, state("list", list))).isEmpty();
    assertThat(list.get(0)).isSameAs(before);
    assertThat(first(before)).isEqualTo(7);
    assertThat(list.subList(1, 4)).containsExactly(3L, "x", List.of(1L, 2L));
  }

  @Test
  void returnsWhatNestedMapsDoNotName() throws IOException {
    Map<String, Object> deep = Map.of("array", array(7), "extra", array(8), "n", 1);
    fabric.save(path, Map.of("map", Map.of("deep", deep), "list", List.of(array(0), deep)));
    Map<String, Object> state = new HashMap<>();
    state.put("map", Map.of("deep", Map.of("array", array(1))));
    state.put("list", List.of(array(1), Map.of("array", array(1))));
    Map<String, Object> rest = fabric.load(path, state);
    assertThat(rest).containsOnlyKeys("list", "map");
    for (Object unread :
        List.of(
            ((Map<?, ?>) rest.get("map")).get("deep"), ((Map<?, ?>) rest.get("list")).get("1"))) {
      assertThat(((Map<?, ?>) unread).keySet().toString()).isEqualTo("[extra, n]");
      assertThat(first(((Map<?, ?>) unread).get("extra"))).isEqualTo(8);
    }
  }

  @Test
  void keepsNumbersThatJsonLacks() throws IOException {
    List<Object> numbers =
        List.of(Double.NaN, Double.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, -0.0, 1e300);
    Map<String, Object> saved = Map.of("n", numbers, "$number", "x", "$tensor", "y");
    fabric.save(path, saved);
    assertThat(fabric.load(path))
        .containsEntry(
            "n",
            List.of(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, -0.0, 1e300))
        .containsEntry("$number", "x")
        .containsEntry("$tensor", "y");
  }

  @Test
  void rejectsUnmodifiableHoldersBeforeItRestoresAnything() throws IOException {
    Map<String, Object> inner = Map.of("array", array(7), "epoch", 3);
    fabric.save(path, Map.of("a", array(7), "map", inner, "list", List.of(array(7), 3), "n", 3));
    String message =
        "Cannot restore '%s': the Map or List that holds it is unmodifiable. Pass a HashMap or"
            + " ArrayList. Nothing was restored.";
    NDArray a = array(1);
    Map<String, Object> state = new HashMap<>();
    state.put("a", a);
    state.put("map", Map.of("array", a, "epoch", 0));
    assertThatThrownBy(() -> fabric.load(path, state))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message.formatted("map.epoch"));
    assertThatThrownBy(() -> fabric.load(path, state("list", List.of(a, 0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message.formatted("list.1"));
    assertThatThrownBy(() -> fabric.load(path, Collections.unmodifiableMap(state("n", 0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message.formatted("n"));
    assertThat(first(a)).isEqualTo(1);
    state.put("map", Map.of("array", a));
    assertThat(fabric.load(path, state)).containsEntry("map", Map.of("epoch", 3L));
    assertThat(first(a)).isEqualTo(7);
  }

  @Test
  void rejectsListsAndTypesThatDoNotFit() throws IOException {
    fabric.save(path, Map.of("list", List.of(array(1)), "n", 3));
    assertThatThrownBy(() -> fabric.load(path, state("list", List.of(array(1), array(2)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The checkpoint does not fit: the List 'list' has 1 elements there and 2 here.");
    assertThatThrownBy(() -> fabric.load(path, state("n", List.of(block()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The checkpoint does not fit: 'n' is a Long there and a List")
        .hasMessageEndingWith(" here.");
  }

  @Test
  void rejectsObjectsWithoutStateAndKeysThatAreNoText() throws IOException {
    String message =
        "java.lang.String has no state. Pass a block, an optimizer or another Stateful object.";
    assertThatThrownBy(() -> fabric.saveRaw(path, "x")).hasMessage(message);
    fabric.saveRaw(path, block());
    assertThatThrownBy(() -> fabric.loadRaw(path, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    String rest =
        " is not a block, an optimizer, a Stateful object, an NDArray, or a plain value (String,"
            + " Boolean, Number, Lists and String-keyed Maps of them).";
    Map<Object, Object> keys = new HashMap<>();
    keys.put(null, 1);
    assertThatThrownBy(() -> fabric.save(path, Map.of("map", keys)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot save 'map': a null key" + rest);
    assertThatThrownBy(() -> fabric.save(path, Map.of("map", Map.of(1, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot save 'map': java.lang.Integer" + rest);
  }

  @Test
  void rejectsRenamingTwoTensorsToOne() throws IOException {
    fabric.saveRaw(path, block());
    assertThatThrownBy(() -> fabric.loadRaw(path, block(), LoadOptions.strict().rename(n -> "w")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Two tensors are renamed to 'w', one of them 'weight'. Give each its own name, or null"
                + " to leave it out.");
    assertThatThrownBy(() -> LoadOptions.strict().rename((UnaryOperator<String>) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("names is null");
  }
}
