package io.fabric4j.spark.ml;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How a fit went.
 *
 * @param runId name of the run, unique within the cluster
 * @param numWorkers ranks that trained
 * @param epochs in order; those before a resume are among them
 * @param bestEpoch the one whose weights the model has
 * @param stoppedEarly whether the validation loss had stopped improving
 * @param seconds from the call of fit to the model, with the reading of the data
 * @param trainRows rows that were trained on
 * @param validationRows rows that were validated on
 */
public record FabricTrainingSummary(
    String runId,
    int numWorkers,
    List<TrainingEpoch> epochs,
    int bestEpoch,
    boolean stoppedEarly,
    double seconds,
    long trainRows,
    long validationRows)
    implements Serializable {
  private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();

  /** Copies the list. */
  public FabricTrainingSummary {
    epochs = List.copyOf(epochs);
  }

  /** Returns the number of epochs that were trained, as Spark's summaries call it. */
  public int totalIterations() {
    return epochs.size();
  }

  /** Returns the training loss of each epoch, as Spark's summaries call it. */
  public double[] objectiveHistory() {
    return epochs.stream().mapToDouble(epoch -> epoch.train().get("loss")).toArray();
  }

  /**
   * Returns a row per epoch for plots: {@code epoch}, {@code seconds} and {@code rowsPerSecond} of
   * training, and a column for each metric, such as {@code train_loss}, {@code validation_loss} and
   * {@code validation_accuracy}.
   */
  public Dataset<Row> history(SparkSession spark) {
    TreeSet<String> train = new TreeSet<>();
    TreeSet<String> validation = new TreeSet<>();
    for (TrainingEpoch epoch : epochs) {
      train.addAll(epoch.train().keySet());
      validation.addAll(epoch.validation().keySet());
    }
    List<Row> rows =
        epochs.stream()
            .map(epoch -> row(epoch, List.copyOf(train), List.copyOf(validation)))
            .toList();
    return spark.createDataFrame(rows, schema(train, validation));
  }

  private static StructType schema(TreeSet<String> train, TreeSet<String> validation) {
    List<StructField> fields = new ArrayList<>();
    fields.add(DataTypes.createStructField("epoch", DataTypes.IntegerType, false));
    fields.add(DataTypes.createStructField("seconds", DataTypes.DoubleType, false));
    fields.add(DataTypes.createStructField("rowsPerSecond", DataTypes.DoubleType, false));
    train.forEach(
        name ->
            fields.add(DataTypes.createStructField("train_" + name, DataTypes.DoubleType, true)));
    validation.forEach(
        name ->
            fields.add(
                DataTypes.createStructField("validation_" + name, DataTypes.DoubleType, true)));
    return DataTypes.createStructType(fields);
  }

  private static Row row(TrainingEpoch epoch, List<String> train, List<String> validation) {
    List<Object> values = new ArrayList<>();
    values.add(epoch.epoch());
    values.add(epoch.seconds());
    values.add(epoch.rows() / epoch.seconds());
    addAll(values, epoch.train(), train);
    addAll(values, epoch.validation(), validation);
    return RowFactory.create(values.toArray());
  }

  private static void addAll(List<Object> values, Map<String, Double> metrics, List<String> names) {
    names.forEach(name -> values.add(metrics.get(name)));
  }

  /** Returns a text from which {@link #fromJson} makes an equal summary. */
  public String toJson() {
    return GSON.toJson(this);
  }

  /**
   * Returns the summary that {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static FabricTrainingSummary fromJson(String json) {
    try {
      return GSON.fromJson(json, FabricTrainingSummary.class);
    } catch (JsonParseException | NullPointerException e) {
      throw new IllegalArgumentException(
          "This is no summary of a fit: " + json.substring(0, Math.min(100, json.length())), e);
    }
  }
}
