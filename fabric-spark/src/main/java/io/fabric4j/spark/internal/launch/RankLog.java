package io.fabric4j.spark.internal.launch;

import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.spark.TaskContext;

/**
 * Copies the log lines of a rank's thread into its report, so that the driver can show the last
 * ones if the rank fails.
 */
final class RankLog extends AbstractAppender implements AutoCloseable {
  private static final String PATTERN = "%d{HH:mm:ss} %p %c{1}: %m";

  private final RankReports reports;
  private final long thread = Thread.currentThread().getId();
  private final Logger root;

  private RankLog(RankReports reports, Logger root, Layout<String> layout) {
    super(
        "fabric-rank-" + TaskContext.get().taskAttemptId(),
        null,
        layout,
        true,
        Property.EMPTY_ARRAY);
    this.reports = reports;
    this.root = root;
  }

  /** Starts to copy; empty if Spark was given another logging library. */
  static Optional<RankLog> open(RankReports reports) {
    ClassLoader ofSpark = TaskContext.class.getClassLoader();
    if (!(LogManager.getContext(ofSpark, false).getLogger(LogManager.ROOT_LOGGER_NAME)
        instanceof Logger root)) {
      return Optional.empty();
    }
    Layout<String> layout =
        PatternLayout.newBuilder().withPattern(PATTERN).withAlwaysWriteExceptions(false).build();
    RankLog log = new RankLog(reports, root, layout);
    log.start();
    root.addAppender(log);
    return Optional.of(log);
  }

  @Override
  public void append(LogEvent event) {
    if (event.getThreadId() == thread) {
      String thrown = event.getThrown() == null ? "" : " " + event.getThrown();
      String line = getLayout().toSerializable(event) + thrown;
      reports.add(report -> report.withLog(line));
    }
  }

  @Override
  public void close() {
    root.removeAppender(this);
    stop();
  }
}
