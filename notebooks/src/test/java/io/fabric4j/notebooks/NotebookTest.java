package io.fabric4j.notebooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NotebookTest {

  static List<Notebook> notebooks() throws IOException {
    return Notebook.all();
  }

  @Test
  void thereAreFourTopicsAndOneInJava() throws IOException {
    assertThat(Notebook.all())
        .extracting(Notebook::name)
        .containsExactly(
            "01_quick_start",
            "01_quick_start_java",
            "02_estimator_pipeline",
            "03_your_own_loop",
            "04_scale_out");
  }

  /** With {@code -Dfabric.notebooks.write=true} the note is written instead. */
  @ParameterizedTest
  @MethodSource("notebooks")
  void theNoteOfZeppelinHasTheSameCells(Notebook notebook) throws IOException {
    if (!notebook.isScala()) {
      return;
    }
    if (Boolean.getBoolean("fabric.notebooks.write")) {
      Files.createDirectories(notebook.note().getParent());
      Files.writeString(notebook.note(), notebook.toNote());
    }
    assertThat(notebook.note()).hasContent(notebook.toNote());
  }

  @ParameterizedTest
  @MethodSource("notebooks")
  void itsKernelIsOneOfTheseAndCarriesNoOutputs(Notebook notebook) throws IOException {
    String kernel = notebook.kernelspec().get("name").getAsString();
    Path specification =
        Notebook.FOLDER.resolve("src/build/jupyter/kernels").resolve(kernel).resolve("kernel.json");

    JsonObject json = notebook.withoutOutputs();

    assertThat(specification).exists();
    assertThat(json)
        .isEqualTo(
            new com.google.gson.Gson()
                .fromJson(Files.readString(notebook.file()), JsonObject.class));
  }
}
