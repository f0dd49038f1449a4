package io.fabric4j.notebooks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import jdk.jshell.EvalException;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;

/** Java as in JShell, in this process and on the thread that runs a cell. */
final class JavaInterpreter implements Interpreter {
  private static final int MAX_FRAMES = 12;
  private static final String SPARK = "spark = org.apache.spark.sql.SparkSession.active();";
  private static final String CONTEXT =
      "sc = new org.apache.spark.api.java.JavaSparkContext(spark.sparkContext());";

  private final CellLoader loader = new CellLoader(JavaInterpreter.class.getClassLoader());
  private final JShell shell =
      JShell.builder()
          .executionEngine(new InThisThread(), Map.of())
          .out(System.out)
          .err(System.err)
          .build();

  private final class InThisThread implements ExecutionControlProvider {
    @Override
    public String name() {
      return "cells";
    }

    @Override
    public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
      return new DirectExecutionControl(loader);
    }
  }

  @Override
  public Optional<String> run(String code) {
    String rest = code;
    Optional<String> value = Optional.empty();
    while (!rest.isBlank()) {
      CompletionInfo info = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      if (info.completeness() == Completeness.EMPTY) {
        break;
      }
      String source = info.completeness().isComplete() ? info.source() : rest;
      List<SnippetEvent> events = shell.eval(source);
      for (SnippetEvent event : events) {
        value = value(event);
      }
      if (events.stream().anyMatch(JavaInterpreter::isReset)) {
        shell.eval(SPARK);
        shell.eval(CONTEXT);
      }
      rest = info.completeness().isComplete() ? info.remaining() : "";
    }
    return value;
  }

  /** JShell compiles variables anew, without a value, when an import might change their types. */
  private static boolean isReset(SnippetEvent event) {
    return event.causeSnippet() != null
        && event.snippet() instanceof VarSnippet variable
        && (variable.name().equals("spark") || variable.name().equals("sc"));
  }

  private Optional<String> value(SnippetEvent event) {
    if (event.exception() != null) {
      throw new CellException(describe(event.exception()));
    }
    if (event.status() == Snippet.Status.REJECTED) {
      throw new CellException(
          shell
              .diagnostics(event.snippet())
              .map(error -> error.getMessage(Locale.ENGLISH))
              .collect(Collectors.joining("\n", "", "\n" + event.snippet().source().strip())));
    }
    boolean expression =
        event.snippet().subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND
            || event.snippet().subKind() == Snippet.SubKind.VAR_VALUE_SUBKIND;
    return expression ? Optional.ofNullable(event.value()) : Optional.empty();
  }

  private static String describe(JShellException failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String name =
          cause instanceof EvalException thrown
              ? thrown.getExceptionClassName()
              : cause.getClass().getName();
      text.append(text.isEmpty() ? "" : "\nCaused by: ").append(name);
      text.append(": ").append(cause.getMessage());
      List.of(cause.getStackTrace()).stream()
          .limit(MAX_FRAMES)
          .forEach(frame -> text.append("\n\tat ").append(frame));
    }
    return text.toString();
  }

  @Override
  public ClassLoader classLoader() {
    return loader;
  }

  /** JShell's own command imports such packages too. */
  @Override
  public String bindings() {
    return """
        import java.io.*;
        import java.nio.file.*;
        import java.util.*;
        import java.util.function.*;
        import java.util.stream.*;
        import org.apache.spark.sql.*;
        org.apache.spark.sql.SparkSession spark;
        org.apache.spark.api.java.JavaSparkContext sc;
        """
        + SPARK
        + CONTEXT;
  }

  @Override
  public LanguageInfo language() {
    return new LanguageInfo.Builder("java")
        .version(Runtime.version().toString())
        .mimetype("text/x-java")
        .fileExtension(".java")
        .pygments("java")
        .codemirror("text/x-java")
        .build();
  }
}
