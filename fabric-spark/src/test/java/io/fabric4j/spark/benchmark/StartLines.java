package io.fabric4j.spark.benchmark;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What ranks of this JVM log about their start. */
final class StartLines extends AbstractAppender {
  private static final String LOGGER = "io.fabric4j.spark.internal.launch.RankTask";
  private static final Queue<String> LINES = new ConcurrentLinkedQueue<>();

  private StartLines() {
    super("start", null, null, true, Property.EMPTY_ARRAY);
  }

  /** Begins to collect, in this JVM. */
  static void collect() {
    StartLines appender = new StartLines();
    appender.start();
    Configurator.setLevel(LOGGER, Level.INFO);
    ((Logger) LogManager.getLogger(LOGGER)).addAppender(appender);
  }

  /** Returns the line that was logged last. */
  static String last() {
    String last = "";
    for (String line = LINES.poll(); line != null; line = LINES.poll()) {
      last = line;
    }
    return last;
  }

  @Override
  public void append(LogEvent event) {
    LINES.add(event.getMessage().getFormattedMessage());
  }
}
