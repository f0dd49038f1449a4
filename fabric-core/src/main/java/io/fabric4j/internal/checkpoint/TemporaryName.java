package io.fabric4j.internal.checkpoint;

import java.util.UUID;

/** Names of files that are being written; a killed process may leave one, which can be deleted. */
public final class TemporaryName {
  private static final String PREFIX = ".fabric-";
  private static final String SUFFIX = ".tmp";

  private TemporaryName() {}

  /** Returns a new name; the leading dot hides it from Spark's and Hadoop's file readers. */
  public static String create() {
    return PREFIX + UUID.randomUUID() + SUFFIX;
  }

  public static boolean matches(String name) {
    return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
  }
}
