package io.fabric4j.notebooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Executes every notebook, headless and from top to bottom; a cell that fails, fails the test. */
@EnabledIf("io.fabric4j.notebooks.JupyterProcess#isAvailable")
class NotebooksIT {
  private static final Duration LIMIT = Duration.ofMinutes(8);

  static List<Notebook> notebooks() throws IOException {
    return Notebook.all();
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void runsFromTopToBottom(Notebook notebook) throws Exception {
    JupyterProcess.run(
        LIMIT,
        List.of(
            "/usr/bin/jupyter",
            "nbconvert",
            "--to=notebook",
            "--execute",
            "--ExecutePreprocessor.timeout=300",
            "--ExecutePreprocessor.startup_timeout=180",
            "--output-dir=target/executed",
            notebook.file().getFileName().toString()),
        Map.of());

    List<JsonObject> outputs = outputs(notebook);
    assertThat(outputs)
        .extracting(output -> output.get("output_type").getAsString())
        .doesNotContain("error")
        .contains("stream");
    assertThat(html(outputs))
        .as("charts")
        .anyMatch(html -> html.contains("<svg"))
        .noneMatch(
            html -> html.contains("<script") || html.matches("(?s).*(src|href)=\"(?!data:).*"));
    assertThat(printed(outputs)).as("no errors in logs").doesNotContain("ERROR");
  }

  private static List<JsonObject> outputs(Notebook notebook) throws IOException {
    Path executed = Path.of("target", "executed").resolve(notebook.file().getFileName());
    List<JsonObject> outputs = new ArrayList<>();
    JsonObject json = new Gson().fromJson(Files.readString(executed), JsonObject.class);
    for (JsonElement cell : json.getAsJsonArray("cells")) {
      if (cell.getAsJsonObject().has("outputs")) {
        cell.getAsJsonObject()
            .getAsJsonArray("outputs")
            .forEach(output -> outputs.add(output.getAsJsonObject()));
      }
    }
    return outputs;
  }

  private static List<String> html(List<JsonObject> outputs) {
    return outputs.stream()
        .filter(output -> output.has("data") && output.getAsJsonObject("data").has("text/html"))
        .map(output -> lines(output.getAsJsonObject("data").get("text/html")))
        .toList();
  }

  private static String printed(List<JsonObject> outputs) {
    StringBuilder text = new StringBuilder();
    outputs.stream()
        .filter(output -> output.has("text"))
        .forEach(output -> text.append(lines(output.get("text"))));
    return text.toString();
  }

  private static String lines(JsonElement text) {
    if (!text.isJsonArray()) {
      return text.getAsString();
    }
    StringBuilder lines = new StringBuilder();
    text.getAsJsonArray().forEach(line -> lines.append(line.getAsString()));
    return lines.toString();
  }
}
