package io.fabric4j.notebooks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Jupyter notebook of this folder; those in Scala exist as notes of Zeppelin too. */
record Notebook(Path file) {
  static final Path FOLDER = Path.of("").toAbsolutePath();
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

  /** Returns all notebooks, in order. */
  static List<Notebook> all() throws IOException {
    List<Notebook> notebooks = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(FOLDER, "*.ipynb")) {
      files.forEach(file -> notebooks.add(new Notebook(file)));
    }
    notebooks.sort((a, b) -> a.name().compareTo(b.name()));
    return notebooks;
  }

  String name() {
    return file.getFileName().toString().replace(".ipynb", "");
  }

  private JsonObject json() throws IOException {
    return GSON.fromJson(Files.readString(file), JsonObject.class);
  }

  /** Returns the JSON as Jupyter writes it, without what a run leaves behind. */
  JsonObject withoutOutputs() throws IOException {
    JsonObject json = json();
    for (JsonElement cell : json.getAsJsonArray("cells")) {
      if (cell.getAsJsonObject().has("outputs")) {
        cell.getAsJsonObject().add("outputs", new JsonArray());
        cell.getAsJsonObject().add("execution_count", com.google.gson.JsonNull.INSTANCE);
      }
    }
    return json;
  }

  boolean isScala() throws IOException {
    return kernelspec().get("language").getAsString().equals("scala");
  }

  JsonObject kernelspec() throws IOException {
    return json().getAsJsonObject("metadata").getAsJsonObject("kernelspec");
  }

  Path note() {
    return FOLDER.resolve("zeppelin").resolve(name() + ".zpln");
  }

  /** Returns the note of Zeppelin with the same cells. */
  String toNote() throws IOException {
    JsonArray paragraphs = new JsonArray();
    for (JsonElement cell : json().getAsJsonArray("cells")) {
      paragraphs.add(paragraph(cell.getAsJsonObject(), paragraphs.size()));
    }
    JsonObject note = new JsonObject();
    note.add("paragraphs", paragraphs);
    note.addProperty("name", name());
    note.addProperty("id", "fabric-" + name());
    note.add("config", new JsonObject());
    note.add("info", new JsonObject());
    return GSON.toJson(note) + "\n";
  }

  private static JsonObject paragraph(JsonObject cell, int index) {
    StringBuilder source = new StringBuilder();
    cell.getAsJsonArray("source").forEach(line -> source.append(line.getAsString()));
    boolean markdown = cell.get("cell_type").getAsString().equals("markdown");
    String text = source.toString();
    if (markdown) {
      text = "%md\n" + text.replace(".ipynb)", ".zpln)");
    } else if (!text.startsWith("%")) {
      text = "%spark\n" + text;
    }
    JsonObject config = new JsonObject();
    config.addProperty("editorHide", markdown);
    JsonObject paragraph = new JsonObject();
    paragraph.addProperty("text", text);
    paragraph.add("config", config);
    paragraph.add("settings", GSON.fromJson("{\"params\": {}, \"forms\": {}}", JsonObject.class));
    paragraph.addProperty("id", "paragraph-" + (index + 1));
    paragraph.addProperty("status", "READY");
    return paragraph;
  }
}
