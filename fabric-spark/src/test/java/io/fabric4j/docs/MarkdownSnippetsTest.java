package io.fabric4j.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the Java code of the pages, each piece within a subclass of {@link SnippetContext}. */
class MarkdownSnippetsTest {
  private static final String HEADER =
      """
      package io.fabric4j.docs;
      import ai.djl.Model;
      import ai.djl.ndarray.*;
      import ai.djl.ndarray.types.*;
      import ai.djl.training.*;
      import ai.djl.training.dataset.*;
      import ai.djl.training.evaluator.*;
      import ai.djl.training.optimizer.Optimizer;
      import io.fabric4j.*;
      import io.fabric4j.loggers.*;
      import io.fabric4j.monitoring.*;
      import io.fabric4j.nn.*;
      import io.fabric4j.optim.*;
      import io.fabric4j.spark.*;
      import io.fabric4j.spark.loggers.*;
      import io.fabric4j.spark.ml.*;
      import io.fabric4j.spark.progress.*;
      import io.fabric4j.training.*;
      import java.util.*;
      import org.apache.spark.ml.*;
      import org.apache.spark.sql.Dataset;
      import org.apache.spark.sql.Row;
      """;

  @TempDir private Path classes;

  /** A snippet as the body of a method. */
  private static final class Source extends SimpleJavaFileObject {
    private final MarkdownPage.Snippet snippet;
    private final String name;

    Source(MarkdownPage.Snippet snippet, int number) {
      super(URI.create("string:///io/fabric4j/docs/Snippet" + number + ".java"), Kind.SOURCE);
      this.snippet = snippet;
      name = "Snippet" + number;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      String body = snippet.code().replaceAll("(?m)^\\s*\\.\\.\\.$", "");
      return HEADER.replace("\n", " ")
          + "class %s extends SnippetContext { void run() throws Exception {\n".formatted(name)
          + body
          + "}}";
    }

    String place(long line) {
      return MarkdownPage.ROOT.relativize(snippet.file()) + ":" + (snippet.line() + line - 1);
    }
  }

  @Test
  void snippetsCompile() throws IOException {
    List<Source> sources = new ArrayList<>();
    for (MarkdownPage page : MarkdownPage.all()) {
      for (MarkdownPage.Snippet snippet : page.snippets()) {
        sources.add(new Source(snippet, sources.size()));
      }
    }
    assertThat(sources).hasSizeGreaterThan(5);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    compiler
        .getTask(
            null,
            null,
            found,
            List.of("-proc:none", "-cp", classPath, "-d", classes.toString()),
            null,
            sources)
        .call();
    assertThat(
            found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(MarkdownSnippetsTest::describe))
        .isEmpty();
  }

  private static String describe(Diagnostic<? extends JavaFileObject> diagnostic) {
    String message = diagnostic.getMessage(Locale.ROOT);
    return diagnostic.getSource() instanceof Source source
        ? source.place(diagnostic.getLineNumber()) + ": " + message
        : message;
  }
}
