package io.fabric4j.internal.run;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a run's checkpoint, {@code step-<n>.a<attempt>.safetensors}. The later one follows
 * from the earlier: an attempt goes on from a checkpoint of the attempts before it, whatever they
 * may have written after that.
 *
 * @param step steps that were done
 * @param attempt which claim of the run wrote it, from 0
 */
public record CheckpointName(long step, int attempt) implements Comparable<CheckpointName> {
  private static final Pattern PATTERN =
      Pattern.compile("step-(\\d{1,18})\\.a(\\d{1,9})\\.safetensors");
  private static final Comparator<CheckpointName> ORDER =
      Comparator.comparingInt(CheckpointName::attempt).thenComparingLong(CheckpointName::step);

  /** Returns the name that a path ends with, if it is one. */
  public static Optional<CheckpointName> of(String path) {
    Matcher matcher = PATTERN.matcher(path.substring(path.lastIndexOf('/') + 1));
    return matcher.matches()
        ? Optional.of(
            new CheckpointName(
                Long.parseLong(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  @Override
  public int compareTo(CheckpointName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "step-" + step + ".a" + attempt + ".safetensors";
  }
}
