package io.fabric4j.spark.internal.ml.fit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.fabric4j.spark.ml.FabricTrainingParams;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.BinaryAttribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that the ranks read, and what is known of them on the driver without a job.
 *
 * @param rows those columns alone
 */
record FitInput(Dataset<Row> rows, FitPlan.Columns columns) {
  private static final int BUCKETS = 1 << 20;

  static FitInput of(FabricTrainingParams<?> stage, Dataset<?> dataset, FitRequest request) {
    StructType schema = dataset.schema();
    String weight = name(stage, stage.weightCol());
    Set<String> values = new LinkedHashSet<>(request.inputs());
    values.addAll(request.labels());
    List<Column> selected = new ArrayList<>();
    values.forEach(name -> selected.add(value(schema, name)));
    if (weight != null) {
      selected.add(column(weight).cast(DataTypes.DoubleType).as(weight));
    }
    Column validation = validation(stage, values);
    String validationName = validation == null ? null : free("validation", schema);
    if (validation != null) {
      selected.add(validation.as(validationName));
    }
    return new FitInput(
        dataset.select(selected.toArray(Column[]::new)),
        new FitPlan.Columns(
            inputs(schema, request), labels(schema, request), weight, validationName));
  }

  private static String name(FabricTrainingParams<?> stage, Param<String> param) {
    return stage.isDefined(param) && !stage.$(param).isEmpty() ? stage.$(param) : null;
  }

  /** Names may contain dots. */
  private static Column column(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }

  private static Column value(StructType schema, String name) {
    boolean truth = schema.apply(name).dataType().equals(DataTypes.BooleanType);
    return truth ? column(name).cast(DataTypes.DoubleType).as(name) : column(name);
  }

  /** A choice by the row's content does not depend on partitions, so neither on ranks. */
  private static Column validation(FabricTrainingParams<?> stage, Set<String> values) {
    String indicator = name(stage, stage.validationIndicatorCol());
    if (indicator != null) {
      return column(indicator).cast(DataTypes.BooleanType);
    }
    double fraction = stage.getValidationFraction();
    if (fraction == 0) {
      return null;
    }
    Stream<Column> content = values.stream().map(FitInput::column);
    Column hash =
        xxhash64(Stream.concat(content, Stream.of(lit(stage.getSeed()))).toArray(Column[]::new));
    return pmod(hash, lit((long) BUCKETS)).lt(lit((long) (fraction * BUCKETS)));
  }

  private static String free(String name, StructType schema) {
    Set<String> taken = new LinkedHashSet<>();
    for (String field : schema.fieldNames()) {
      taken.add(field.toLowerCase(Locale.ROOT));
    }
    String candidate = name;
    for (int i = 1; taken.contains(candidate); i++) {
      candidate = name + i;
    }
    return candidate;
  }

  private static List<FitPlan.In> inputs(StructType schema, FitRequest request) {
    return request.inputs().stream()
        .map(
            name -> {
              int known = values(schema.apply(name), false);
              boolean category = request.categorical().contains(name);
              return new FitPlan.In(name, known != 0 || !category ? known : FitPlan.UNKNOWN);
            })
        .toList();
  }

  private static List<FitPlan.Label> labels(StructType schema, FitRequest request) {
    List<FitPlan.Label> labels = new ArrayList<>();
    for (int i = 0; i < request.labels().size(); i++) {
      String name = request.labels().get(i);
      LabelLoss loss = LabelLoss.valueOf(request.losses().get(i).toUpperCase(Locale.ROOT));
      int known = loss.isOfClasses() ? values(schema.apply(name), true) : 0;
      labels.add(
          new FitPlan.Label(
              name, loss, known == 0 && loss.isOfClasses() ? FitPlan.UNKNOWN : known));
    }
    return labels;
  }

  /** Returns the number of values that a column's metadata speak of; 0 if they do not. */
  private static int values(StructField field, boolean countBinary) {
    if (!(field.dataType() instanceof NumericType)) {
      return 0;
    }
    Attribute attribute = Attribute.fromStructField(field);
    if (attribute instanceof NominalAttribute nominal && nominal.getNumValues().isDefined()) {
      return (Integer) nominal.getNumValues().get();
    }
    return countBinary && attribute instanceof BinaryAttribute ? 2 : 0;
  }
}
