package io.fabric4j.spark;

import java.util.Objects;

/**
 * What a check found.
 *
 * @param check its name
 * @param finding what there is, with values, and why that is a problem if it is one
 * @param remedy how to fix it; empty if nothing has to be done
 */
public record Verdict(Status status, String check, String finding, String remedy) {

  /** How bad it is. */
  public enum Status {
    /** As it should be. */
    OK,
    /** A launch works, but something may be lost or slow. */
    WARNING,
    /** A launch does not work. */
    FAILED,
    /** Not looked at, because it does not concern this launch or another check failed. */
    SKIPPED
  }

  public Verdict {
    Objects.requireNonNull(status, "status is null");
    Objects.requireNonNull(check, "check is null");
    Objects.requireNonNull(finding, "finding is null");
    Objects.requireNonNull(remedy, "remedy is null");
  }

  /** Returns that all is well. */
  public static Verdict ok(String check, String finding) {
    return new Verdict(Status.OK, check, finding, "");
  }

  /** Returns that it was not looked at. */
  public static Verdict skipped(String check, String why) {
    return new Verdict(Status.SKIPPED, check, why, "");
  }

  /** Returns what should be changed. */
  public static Verdict warning(String check, String finding, String remedy) {
    return new Verdict(Status.WARNING, check, finding, remedy);
  }

  /** Returns what has to be changed. */
  public static Verdict failed(String check, String finding, String remedy) {
    return new Verdict(Status.FAILED, check, finding, remedy);
  }

  /** Returns whether a launch does not work. */
  public boolean isFailure() {
    return status == Status.FAILED;
  }

  /** Returns finding and remedy as one message. */
  public String message() {
    return (finding + " " + remedy).strip();
  }
}
