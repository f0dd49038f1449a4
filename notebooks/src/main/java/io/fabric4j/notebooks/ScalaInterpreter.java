package io.fabric4j.notebooks;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import scala.Console$;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import scala.tools.nsc.Settings;
import scala.tools.nsc.interpreter.IMain;
import scala.tools.nsc.interpreter.Results;
import scala.tools.nsc.interpreter.shell.ReplReporterImpl;
import scala.util.Properties;

/** Scala as in Spark's shell. */
final class ScalaInterpreter implements Interpreter {
  private static final Pattern VALUE = Pattern.compile("(?m)^val (res\\d+: )");
  private static final Pattern SHELL_FRAMES =
      Pattern.compile(
          "(?m)^\\s+(at (\\$line|scala\\.tools\\.|java\\.base/jdk\\.internal)|\\.\\.\\. ).*\\R?");

  private final StringWriter report = new StringWriter();
  private final IMain main;

  ScalaInterpreter() {
    Settings settings = new Settings(this::report);
    List<String> arguments =
        List.of(
            "-usejavacp",
            "-Yrepl-class-based",
            "-Yrepl-outdir",
            ClassFolder.create().path().toString());
    settings.processArguments(CollectionConverters.asScala(arguments).toList(), true);
    main = new IMain(settings, new ReplReporterImpl(settings, new PrintWriter(report, true)));
  }

  private BoxedUnit report(String message) {
    report.append(message).append('\n');
    return BoxedUnit.UNIT;
  }

  @Override
  public Optional<String> run(String code) {
    report.getBuffer().setLength(0);
    Results.Result result = interpret(code);
    String text = report.toString().strip();
    if (result == Results.Incomplete$.MODULE$) {
      throw new CellException("The cell is incomplete: a bracket or a quote is not closed.");
    }
    if (result == Results.Error$.MODULE$) {
      throw new CellException(SHELL_FRAMES.matcher(text).replaceAll(""));
    }
    return lastValue(text);
  }

  /** Scala's console keeps the stream that was standard output when it was first used. */
  private Results.Result interpret(String code) {
    return Console$.MODULE$.withOut(
        System.out, () -> Console$.MODULE$.withErr(System.err, () -> main.interpret(code)));
  }

  /** Definitions and imports are reported too, which nobody wants to read in a notebook. */
  private static Optional<String> lastValue(String text) {
    Matcher values = VALUE.matcher(text);
    int start = -1;
    while (values.find()) {
      start = values.start(1);
    }
    return start < 0 ? Optional.empty() : Optional.of(text.substring(start));
  }

  @Override
  public ClassLoader classLoader() {
    return main.classLoader();
  }

  @Override
  public String bindings() {
    return """
        @transient val spark = org.apache.spark.sql.SparkSession.active
        @transient val sc = spark.sparkContext
        import spark.implicits._
        import org.apache.spark.sql.functions._
        """;
  }

  @Override
  public LanguageInfo language() {
    return new LanguageInfo.Builder("scala")
        .version(Properties.versionNumberString())
        .mimetype("text/x-scala")
        .fileExtension(".scala")
        .pygments("scala")
        .codemirror("text/x-scala")
        .build();
  }
}
