package io.fabric4j.notebooks;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Runs cells with {@code spark} and {@code sc} bound. A cell that starts with {@code %spark.conf}
 * holds settings, one a line, for the session that the first other cell starts. Spark's jobs of a
 * cell form a job group, which {@link #cancel} cancels.
 */
final class SparkCells {
  private static final String CONF = "%spark.conf";
  private static final Pattern SETTING = Pattern.compile("(?m)^\\s*(spark\\.\\S+)\\s+(.+?)\\s*$");

  private final Interpreter interpreter;
  private volatile SparkContext context;
  private volatile String group;
  private int cells;

  SparkCells(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  /** Runs a cell; see {@link Interpreter#run}. */
  Optional<String> run(String code) {
    Thread.currentThread().setContextClassLoader(interpreter.classLoader());
    if (code.strip().startsWith(CONF)) {
      configure(code);
      return Optional.empty();
    }
    if (!isStarted()) {
      start();
    }
    group = "cell-" + ++cells;
    context.setJobGroup(group, code.strip().lines().findFirst().orElse(""), true);
    return interpreter.run(code);
  }

  private boolean isStarted() {
    return context != null && !context.isStopped();
  }

  private void configure(String code) {
    if (isStarted()) {
      throw new CellException(
          "Spark runs already and takes no settings any more. Restart the kernel, or call"
              + " spark.stop(), and run this cell first.");
    }
    Matcher settings = SETTING.matcher(code);
    while (settings.find()) {
      System.setProperty(settings.group(1), settings.group(2));
    }
  }

  /** With a local master the class path of this process is all that ranks need. */
  private void start() {
    SparkSession.Builder builder = SparkSession.builder();
    if (!System.getProperty("spark.master", "local").matches("local(\\[.*)?")) {
      builder.config("spark.jars", System.getProperty("fabric.all.jar"));
    }
    context = builder.getOrCreate().sparkContext();
    interpreter.run(interpreter.bindings());
  }

  /** Cancels the jobs of the running cell, also those that it is about to start. */
  void cancel() {
    if (isStarted() && group != null) {
      context.cancelJobGroupAndFutureJobs(group);
    }
  }

  /** Ends the session. */
  void stop() {
    if (isStarted()) {
      context.stop();
    }
  }
}
