package io.fabric4j.internal.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.Fabric;
import io.fabric4j.callbacks.Callback;
import io.fabric4j.monitoring.SpikeDetection;
import io.fabric4j.monitoring.TrainingSpikeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallbackDispatcherTest {
  private final List<Object> calls = new ArrayList<>();

  @Test
  void callsInOrderOfRegistrationAndSkipsMissingHooks() {
    dispatcher(new Named("first"), "no callback", new Named("second")).call("onEvent", 1);
    assertThat(calls).containsExactly("first 1", "second 1");
  }

  @Test
  void keepsACopyOfTheList() {
    List<Object> callbacks = new ArrayList<>(List.of(new Named("first")));
    CallbackDispatcher dispatcher = new CallbackDispatcher(callbacks);
    callbacks.add(new Named("second"));
    dispatcher.call("onEvent", 1);
    assertThat(calls).containsExactly("first 1");
  }

  @Test
  void passesTheKeywordsThatParametersName() {
    Map<String, Object> keywords = Map.of("loss", 0.5, "epoch", 3, "other", "x");
    dispatcher(new Keywords()).callWithKeywords("onEvent", keywords);
    dispatcher(new Keywords()).callWithKeywords("onBatch", keywords, "batch");
    assertThat(calls).containsExactly("3 0.5", "batch 0.5");
  }

  @Test
  void passesAllKeywordsToAMap() {
    Map<String, Object> keywords = Map.of("loss", 0.5);
    dispatcher(new Keywords()).callWithKeywords("onAll", keywords, 1);
    assertThat(calls).containsExactly(Map.of("loss", 0.5));
  }

  @Test
  void passesAllKeywordsInOrderToAMethodWithoutParameterNames() throws Exception {
    Map<String, Object> keywords = new LinkedHashMap<>();
    keywords.put("value", 7);
    StringBuilder target = new StringBuilder();
    HookMethod.bind(StringBuilder.class.getMethod("append", int.class), List.of(), keywords)
        .method()
        .invoke(target, 7);
    assertThat(target).hasToString("7");
    keywords.put("more", 8);
    assertThat(
            HookMethod.bind(
                StringBuilder.class.getMethod("append", int.class), List.of(), keywords))
        .isNull();
  }

  @Test
  void prefersTheMostSpecificOverload() {
    dispatcher(new Overloads()).call("onEvent", "text");
    dispatcher(new Overloads()).call("onEvent", 1);
    dispatcher(new Overloads()).callWithKeywords("onEvent", Map.of("more", 2), "text");
    assertThat(calls).containsExactly("string", "object", "two");
  }

  @Test
  void callsAnOverriddenMethodOnce() {
    dispatcher(
            new Named("parent") {
              @Override
              void onEvent(int value) {
                calls.add("child " + value);
              }
            })
        .call("onEvent", 1);
    assertThat(calls).containsExactly("child 1");
  }

  @Test
  void callsRecords() {
    dispatcher(new Recorder(calls)).call("onEvent", "value");
    assertThat(calls).containsExactly("value");
  }

  @Test
  void passesNullsListsAndMapsAsPositionals() {
    dispatcher(new Recorder(calls)).call("onEvent", (Object[]) null);
    dispatcher(new Recorder(calls)).call("onEvent", Map.of("a", 1));
    dispatcher(new Recorder(calls)).call("onPair", null, null);
    dispatcher(new Recorder(calls)).call("onPair", List.of(1), Map.of("a", 1));
    assertThat(calls).containsExactly(null, Map.of("a", 1), null, null, List.of(1), Map.of("a", 1));
  }

  @Test
  void passesTheKeywordsOfSpikeDetection(@TempDir Path directory) {
    try (Fabric fabric = Fabric.builder().build()) {
      SpikeDetection detection = SpikeDetection.builder().excludeBatchesPath(directory).build();
      CallbackDispatcher dispatcher = dispatcher(detection);
      for (int i = 0; i < 2; i++) {
        dispatcher.callWithKeywords(
            "onTrainBatchEnd",
            Map.of("fabric", fabric, "loss", 1.5F, "batchIndex", i, "batch", "not asked for"));
      }
      assertThat(detection.stateDict()).containsEntry("running", List.of(1.5, 1.5));
      assertThatThrownBy(
              () ->
                  dispatcher.callWithKeywords(
                      "onTrainBatchEnd", Map.of("loss", Double.NaN, "batchIndex", 2L), fabric))
          .isInstanceOf(TrainingSpikeException.class);
    }
  }

  @Test
  void callsTheDefaultMethodsOfACallback() {
    assertThatCode(() -> dispatcher(new Callback() {}).call("onAfterSetup", null, null))
        .doesNotThrowAnyException();
  }

  @Test
  void letsExceptionsThroughAsTheyAre() {
    IOException exception = new IOException("no space");
    assertThatThrownBy(() -> dispatcher(new Failing(exception)).call("onEvent"))
        .isSameAs(exception);
  }

  @Test
  void rejectsArgumentsThatNoOverloadTakes() {
    assertThatThrownBy(
            () -> dispatcher(new Named("n")).callWithKeywords("onEvent", Map.of("loss", 1), "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot call io.fabric4j.internal.callbacks.CallbackDispatcherTest$Named.onEvent: none"
                + " of its overloads takes the positional arguments [String] and, beyond these,"
                + " only parameters named in the keywords [loss]. Change the method's parameters,"
                + " compile it with -parameters, or pass what it lacks.");
  }

  @Test
  void worksWithoutServices() {
    assertThatCode(() -> CallbackDispatcher.withServices(List.of()).call("onEvent"))
        .doesNotThrowAnyException();
  }

  private static CallbackDispatcher dispatcher(Object... callbacks) {
    return new CallbackDispatcher(List.of(callbacks));
  }

  private class Named {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    void onEvent(int value) {
      calls.add(name + " " + value);
    }
  }

  private final class Keywords {
    public void onEvent(int epoch, double loss) {
      calls.add(epoch + " " + loss);
    }

    public void onBatch(String batch, double loss) {
      calls.add(batch + " " + loss);
    }

    public void onAll(int value, Map<String, Object> kwargs) {
      calls.add(kwargs);
    }
  }

  private final class Overloads {
    public void onEvent(Object value) {
      calls.add("object");
    }

    public void onEvent(String value) {
      calls.add("string");
    }

    public void onEvent(String value, int more) {
      calls.add("two");
    }
  }

  private record Recorder(List<Object> calls) {
    void onEvent(Object value) {
      calls.add(value);
    }

    void onPair(Object first, Object second) {
      calls.add(first);
      calls.add(second);
    }
  }

  private record Failing(IOException exception) {
    void onEvent() throws IOException {
      throw exception;
    }
  }
}
