package io.fabric4j.spark.internal.doctor;

import io.fabric4j.spark.FabricDoctor;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command line of the doctor. */
public final class DoctorArguments {
  /** What {@code --help} prints. */
  public static final String HELP =
      """
      Examines whether Fabric can train on this cluster.

        --workers N          number of ranks (default: all task slots)
        --parameters N       trainable parameters of the model, such as 25M or 1.5B
        --moments N          numbers that the optimizer keeps per parameter (default 2: Adam)
        --checkpoints PATH   folder of the checkpoints, of any Hadoop file system
                             (default: spark.fabric.checkpoint-dir)
        --help               print this text

      Settings come from spark.fabric.*. Exit code 0: training can start; 1: a check failed;
      2: wrong arguments.""";

  private static final String WORKERS = "--workers";
  private static final String PARAMETERS = "--parameters";
  private static final String MOMENTS = "--moments";
  private static final String CHECKPOINTS = "--checkpoints";
  private static final List<String> FLAGS = List.of(WORKERS, PARAMETERS, MOMENTS, CHECKPOINTS);
  private static final Pattern COUNT = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)([KMB]?)");
  private static final Map<String, Double> UNITS = Map.of("", 1.0, "K", 1e3, "M", 1e6, "B", 1e9);

  private final Map<String, Long> numbers = new HashMap<>();
  private String checkpoints;
  private boolean helpRequested;

  private DoctorArguments() {}

  /**
   * Parses {@code --flag value}.
   *
   * @throws IllegalArgumentException if a flag is unknown or has no valid value
   */
  public static DoctorArguments parse(String... args) {
    DoctorArguments result = new DoctorArguments();
    result.helpRequested = List.of(args).contains("--help");
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext() && !result.helpRequested) {
      String flag = words.next();
      if (!FLAGS.contains(flag)) {
        throw new IllegalArgumentException(
            "Unknown argument '" + flag + "'. Known are " + String.join(", ", FLAGS) + ", --help.");
      }
      if (!words.hasNext()) {
        throw new IllegalArgumentException(flag + " has no value. Run with --help.");
      }
      result.put(flag, words.next());
    }
    return result;
  }

  private void put(String flag, String value) {
    if (flag.equals(CHECKPOINTS)) {
      checkpoints = value;
    } else {
      numbers.put(flag, count(flag, value));
    }
  }

  private static long count(String flag, String value) {
    Matcher number = COUNT.matcher(value);
    int least = flag.equals(MOMENTS) ? 0 : 1;
    long most = flag.equals(PARAMETERS) ? Long.MAX_VALUE : Integer.MAX_VALUE;
    if (number.matches()) {
      long count = Math.round(Double.parseDouble(number.group(1)) * UNITS.get(number.group(2)));
      if (least <= count && count <= most) {
        return count;
      }
    }
    throw new IllegalArgumentException(
        flag + " is '" + value + "'. Give it a number from " + least + ", such as 2, 25M or 1.5B.");
  }

  /** Returns whether only the help was asked for. */
  public boolean helpRequested() {
    return helpRequested;
  }

  /** Tells a builder what was given. */
  public FabricDoctor.Builder applyTo(FabricDoctor.Builder doctor) {
    numbers.forEach(
        (flag, number) -> {
          switch (flag) {
            case WORKERS -> doctor.numWorkers(number.intValue());
            case MOMENTS -> doctor.moments(number.intValue());
            default -> doctor.parameters(number);
          }
        });
    return checkpoints == null ? doctor : doctor.checkpoints(checkpoints);
  }
}
