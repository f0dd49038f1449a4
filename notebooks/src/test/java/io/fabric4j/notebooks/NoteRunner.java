package io.fabric4j.notebooks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.zeppelin.interpreter.InterpreterContext;
import org.apache.zeppelin.interpreter.InterpreterOutput;
import org.apache.zeppelin.interpreter.InterpreterResultMessage;
import org.apache.zeppelin.notebook.Note;
import org.apache.zeppelin.notebook.Paragraph;

/**
 * Runs notes as Zeppelin does: with its own parser and its own output of paragraphs. The
 * interpreter is this project's, since Zeppelin's comes with its server only.
 */
final class NoteRunner {
  private final SparkCells cells;

  NoteRunner(SparkCells cells) {
    this.cells = cells;
  }

  /** Runs all paragraphs and returns what they showed; the first that fails ends it. */
  List<InterpreterResultMessage> run(Notebook notebook) throws IOException {
    Note note = Note.fromJson(notebook.name(), Files.readString(notebook.note()));
    List<InterpreterResultMessage> shown = new ArrayList<>();
    for (Paragraph paragraph : note.getParagraphs()) {
      paragraph.parseText();
      switch (paragraph.getIntpText()) {
        case "md" -> {}
        case "spark.conf" -> cells.run("%spark.conf\n" + paragraph.getScriptText());
        case "spark" -> shown.addAll(run(paragraph.getScriptText()));
        default -> throw new AssertionError("Zeppelin has no %" + paragraph.getIntpText());
      }
    }
    return shown;
  }

  private List<InterpreterResultMessage> run(String code) throws IOException {
    InterpreterOutput output = new InterpreterOutput();
    java.io.PrintStream before = System.out;
    InterpreterContext.set(InterpreterContext.builder().setInterpreterOut(output).build());
    System.setOut(new java.io.PrintStream(output, true, StandardCharsets.UTF_8));
    try {
      cells.run(code);
      output.flush();
      return output.toInterpreterResultMessage();
    } finally {
      System.setOut(before);
      InterpreterContext.remove();
    }
  }
}
