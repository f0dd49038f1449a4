package io.fabric4j.spark.ml;

import java.util.Objects;
import org.apache.spark.ml.util.Identifiable$;

/**
 * The uid of a stage that is being constructed. Constructors of Spark's base classes ask for it
 * before a Java class can have set a field: it waits here, on the constructing thread.
 */
final class StageUid {
  private static final ThreadLocal<String> GIVEN = new ThreadLocal<>();

  private StageUid() {}

  /** Makes the next {@link #take} of this thread return a given uid. */
  static StageUid give(String uid) {
    GIVEN.set(Objects.requireNonNull(uid, "uid is null"));
    return new StageUid();
  }

  /** Makes the next {@link #take} of this thread return a new random uid. */
  static StageUid random(String prefix) {
    return give(Identifiable$.MODULE$.randomUID(prefix));
  }

  /** Returns the uid of the stage under construction; once. */
  static String take() {
    String uid = GIVEN.get();
    GIVEN.remove();
    return Objects.requireNonNull(uid, "no stage is being constructed");
  }
}
