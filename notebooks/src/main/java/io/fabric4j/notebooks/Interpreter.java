package io.fabric4j.notebooks;

import java.util.Optional;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;

/** Runs cells of one language, one after the other, on one thread. */
interface Interpreter {

  /**
   * Runs a cell.
   *
   * @return the value of its last expression in words, if it has one
   * @throws CellException if it does not compile, or throws
   */
  Optional<String> run(String code);

  /** Returns the loader that knows the classes of the cells. */
  ClassLoader classLoader();

  /** Returns a cell that binds {@code spark} and {@code sc} to the active session. */
  String bindings();

  /** Describes the language for Jupyter. */
  LanguageInfo language();
}
