package io.fabric4j;

import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** How {@link Fabric#load} and {@link Fabric#loadRaw} match a file with what it is loaded into. */
public final class LoadOptions {
  private static final LoadOptions STRICT = new LoadOptions(true, UnaryOperator.identity());

  private final boolean strict;
  private final UnaryOperator<String> names;

  private LoadOptions(boolean strict, UnaryOperator<String> names) {
    this.strict = strict;
    this.names = names;
  }

  /** Returns options that require every name to match, the default. */
  public static LoadOptions strict() {
    return STRICT;
  }

  /**
   * Returns options that skip keys which the file lacks and, within blocks, names that only one
   * side has. Shapes must still fit.
   */
  public LoadOptions nonStrict() {
    return new LoadOptions(false, names);
  }

  /**
   * Renames the tensors of a file that {@link Fabric#loadRaw} reads, before they are matched.
   *
   * @param names returns the name in the block for a name in the file, or null to leave it out
   */
  public LoadOptions rename(UnaryOperator<String> names) {
    return new LoadOptions(strict, Objects.requireNonNull(names, "names is null"));
  }

  /**
   * Renames the tensors of a file that {@link Fabric#loadRaw} reads, before they are matched.
   *
   * @param names from the file's to the block's; others stay as they are
   */
  public LoadOptions rename(Map<String, String> names) {
    Map<String, String> copy = Map.copyOf(names);
    return rename(name -> copy.getOrDefault(name, name));
  }

  boolean isStrict() {
    return strict;
  }

  UnaryOperator<String> names() {
    return names;
  }
}
