package io.fabric4j.loggers;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The directory {@code root/name/version_N}; the next free number is looked up on first use. */
final class LogDirectory implements Serializable {
  static final String DEFAULT_NAME = "lightning_logs";
  static final Duration FLUSH_INTERVAL = Duration.ofSeconds(30);

  private static final long serialVersionUID = 1L;
  private static final Pattern VERSION = Pattern.compile("version_(\\d{1,9})");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  private final String root;
  private final String name;
  private String version;
  private LogStorage storage = new LocalLogStorage();

  LogDirectory(String root, String name, String version) {
    this.root = root;
    this.name = name;
    this.version = version;
  }

  String name() {
    return name;
  }

  String root() {
    return root;
  }

  void useStorage(LogStorage chosen) {
    storage = requireNonNull(chosen, "storage is null");
  }

  LogStorage storage() {
    return storage;
  }

  /** Returns whether files are local; false also if that cannot be told. */
  boolean isLocal() {
    try {
      return storage.local(root).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns the name of the run's directory; the next free one may be asked for by two threads. */
  synchronized String version() throws IOException {
    if (version == null) {
      version = "version_" + nextVersion();
    }
    return version;
  }

  String path() throws IOException {
    return join(join(root, name), version());
  }

  static String join(String folder, String name) {
    return name.isEmpty() || folder.endsWith("/") ? folder + name : folder + "/" + name;
  }

  private int nextVersion() throws IOException {
    return storage.list(join(root, name)).stream()
        .map(VERSION::matcher)
        .filter(Matcher::matches)
        .mapToInt(match -> Integer.parseInt(match.group(1)) + 1)
        .max()
        .orElse(0);
  }

  /** What an accessor of a logger looks up. */
  interface Lookup {
    String get() throws IOException;
  }

  static String unchecked(Lookup lookup) {
    try {
      return lookup.get();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look for the log directory: " + e.getMessage(), e);
    }
  }

  static Duration checkedInterval(Duration interval) {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException(
          "The flush interval is " + interval + ". Use a duration above zero.");
    }
    return interval;
  }

  /** Replaces a leading {@code ~} and environment variables; unknown variables stay. */
  static String expand(String path) {
    String home =
        path.equals("~") || path.startsWith("~/")
            ? System.getProperty("user.home") + path.substring(1)
            : path;
    return VARIABLE
        .matcher(home)
        .replaceAll(
            match -> {
              String variable = match.group(1) == null ? match.group(2) : match.group(1);
              String value = System.getenv(variable);
              return Matcher.quoteReplacement(value == null ? match.group() : value);
            });
  }
}
