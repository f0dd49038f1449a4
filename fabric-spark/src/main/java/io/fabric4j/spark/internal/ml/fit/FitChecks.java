package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.ml.FabricTrainingParams;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** Finds params that contradict each other, before anything runs. */
public final class FitChecks {

  private FitChecks() {}

  /**
   * Checks the params of a stage.
   *
   * @param schema of the rows
   * @param losses of the labels by name
   * @throws IllegalArgumentException naming the params and the way out
   */
  public static void run(FabricTrainingParams<?> stage, StructType schema, List<String> losses) {
    checkRun(stage);
    checkValidation(stage, losses);
    requireOptional(schema, stage, stage.weightCol());
    requireOptional(schema, stage, stage.validationIndicatorCol());
  }

  private static void requireOptional(
      StructType schema, FabricTrainingParams<?> stage, Param<String> param) {
    if (stage.isDefined(param) && !stage.$(param).isEmpty()) {
      requireColumn(schema, stage.$(param), param.name());
      DataType type = schema.apply(stage.$(param)).dataType();
      if (!(type instanceof NumericType) && !type.equals(DataTypes.BooleanType)) {
        throw new IllegalArgumentException(
            "Column '%s' of %s has the type %s, but has to be a number or boolean. Cast it."
                .formatted(stage.$(param), param.name(), type.simpleString()));
      }
    }
  }

  /**
   * Checks that a column is there.
   *
   * @param param that names it
   * @throws IllegalArgumentException if it is not
   */
  public static void requireColumn(StructType schema, String name, String param) {
    if (!List.of(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "There is no column '%s', which %s names. The columns are %s."
              .formatted(name, param, List.of(schema.fieldNames())));
    }
  }

  private static void checkRun(FabricTrainingParams<?> stage) {
    boolean stored = stage.isDefined(stage.checkpointDir()) && !stage.getCheckpointDir().isEmpty();
    if (!stored && stage.isDefined(stage.checkpointInterval())) {
      throw withoutFolder("checkpointInterval", stage.getCheckpointInterval());
    }
    if (!stored && stage.isDefined(stage.runId())) {
      throw withoutFolder("runId", stage.getRunId());
    }
  }

  private static void checkValidation(FabricTrainingParams<?> stage, List<String> losses) {
    boolean indicated =
        stage.isDefined(stage.validationIndicatorCol())
            && !stage.getValidationIndicatorCol().isEmpty();
    boolean validated = indicated || stage.getValidationFraction() > 0;
    if (indicated && stage.getValidationFraction() > 0) {
      throw new IllegalArgumentException(
          "Both validationIndicatorCol ('%s') and validationFraction (%s) choose the validation rows."
                  .formatted(stage.getValidationIndicatorCol(), stage.getValidationFraction())
              + " Set one of them.");
    }
    if (!validated && stage.getEarlyStoppingRounds() > 0) {
      throw withoutRows("earlyStoppingRounds", stage.getEarlyStoppingRounds());
    }
    if (!validated && stage.getMetrics().length > 0) {
      throw withoutRows("metrics", Arrays.toString(stage.getMetrics()));
    }
    for (String metric : stage.getMetrics()) {
      boolean ofClasses = metric.equals(Measures.ACCURACY);
      if (losses.stream().noneMatch(l -> l.equals("cross_entropy") == ofClasses)) {
        throw new IllegalArgumentException(
            "The metric '%s' measures labels that are %s, but there are none: the losses are %s."
                    .formatted(metric, ofClasses ? "classes" : "quantities", losses)
                + " Leave it out.");
      }
    }
  }

  private static IllegalArgumentException withoutFolder(String param, Object value) {
    return new IllegalArgumentException(
        "%s is %s, but no checkpoints are written. Set checkpointDir, or leave %s out."
            .formatted(param, value, param));
  }

  private static IllegalArgumentException withoutRows(String param, Object value) {
    return new IllegalArgumentException(
        "%s is %s, but there are no validation rows. Set validationFraction or validationIndicatorCol."
            .formatted(param, value));
  }
}
