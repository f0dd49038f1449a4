package io.fabric4j.loggers;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory {@code root/name/version_N}; the next free number is looked up on first use. */
final class LogDirectory implements Serializable {
  static final String DEFAULT_NAME = "lightning_logs";

  private static final long serialVersionUID = 1L;
  private static final Logger LOGGER = LoggerFactory.getLogger(LogDirectory.class);
  private static final Pattern VERSION = Pattern.compile("version_(\\d{1,9})");
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  private final String root;
  private final String name;
  private String version;

  LogDirectory(String root, String name, String version) {
    this.root = root;
    this.name = name;
    this.version = version;
  }

  String name() {
    return name;
  }

  Path root() {
    return Path.of(root);
  }

  String version() {
    if (version == null) {
      version = "version_" + nextVersion();
    }
    return version;
  }

  Path path() {
    return root().resolve(name).resolve(version());
  }

  private int nextVersion() {
    Path parent = root().resolve(name);
    if (!Files.isDirectory(parent)) {
      LOGGER.warn("Missing logger folder: {}", parent);
      return 0;
    }
    try (Stream<Path> entries = Files.list(parent)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> VERSION.matcher(entry.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToInt(match -> Integer.parseInt(match.group(1)) + 1)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list the log directory " + parent, e);
    }
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
