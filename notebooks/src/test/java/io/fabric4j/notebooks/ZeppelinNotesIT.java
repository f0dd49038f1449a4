package io.fabric4j.notebooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.zeppelin.interpreter.InterpreterResult;
import org.apache.zeppelin.interpreter.InterpreterResultMessage;
import org.junit.jupiter.api.Test;

/** Runs every note of Zeppelin; a paragraph that fails, fails the test. */
class ZeppelinNotesIT {

  @Test
  void everyNoteRunsFromTopToBottom() throws Exception {
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.ui.enabled", "false");
    System.setProperty("spark.executor.heartbeatInterval", "2s");
    SparkCells cells = new SparkCells(new ScalaInterpreter());
    NoteRunner runner = new NoteRunner(cells);
    try {
      for (Notebook notebook : Notebook.all()) {
        if (notebook.isScala()) {
          if (notebook.toNote().contains("%spark.conf")) {
            cells.stop(); // as a user restarts the interpreter
          }
          assertShown(notebook, runner.run(notebook));
        }
      }
    } finally {
      cells.stop();
    }
  }

  private static void assertShown(Notebook notebook, List<InterpreterResultMessage> shown) {
    assertThat(shown)
        .as(notebook.name())
        .filteredOn(message -> message.getType() == InterpreterResult.Type.HTML)
        .isNotEmpty()
        .allMatch(
            message ->
                message.getData().startsWith("<") && message.getData().endsWith(">\n")
                    || message.getData().endsWith(">"))
        .anyMatch(message -> message.getData().contains("<svg"));
    assertThat(shown)
        .as(notebook.name())
        .filteredOn(message -> message.getType() == InterpreterResult.Type.TEXT)
        .isNotEmpty()
        .noneMatch(message -> message.getData().contains("<svg"));
  }
}
