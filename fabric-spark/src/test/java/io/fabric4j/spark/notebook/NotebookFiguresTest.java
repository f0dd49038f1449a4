package io.fabric4j.spark.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.progress.TrainingHistory;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class NotebookFiguresTest {
  private static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void aLaunchIsShownOnceWhereFiguresCannotBeReplaced() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      launch(SparkFabric.builder(spark).numWorkers(2).listener(LiveProgress.here()).build());
    } finally {
      System.setOut(before);
    }

    assertThat(printed.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            Trained on 2 ranks
            loss
              train/loss: █▅▁  3 to 1 (min 1, max 3)
              <i>/loss: ▁▅█  0.1 to 0.3 (min 0.1, max 0.3)
            rate
              rate: ▁▁▁  5 to 5 (min 5, max 5)
            """);
  }

  @Test
  void metricsThatEndAlikeShareAChart() throws Exception {
    TrainingHistory history = launch(SparkFabric.builder(spark).numWorkers(2).build());

    Document all = Markup.parse(TrainingChart.of(history));

    assertThat(all.getElementsByTagName("svg").getLength()).isEqualTo(2);
    assertThat(all.getElementsByTagName("i").getLength()).as("names are escaped").isZero();
    assertThat(all.getDocumentElement().getTextContent())
        .startsWith("Trained on 2 ranks")
        .contains("train/loss 1", "<i>/loss 0.3");
    assertThat(
            Markup.parse(TrainingChart.of(history).metrics("rate"))
                .getElementsByTagName("svg")
                .getLength())
        .isEqualTo(1);
  }

  private static TrainingHistory launch(SparkFabric fabric) {
    fabric.launch(
        rank -> {
          for (int step = 1; step <= 3; step++) {
            rank.logDict(Map.of("train/loss", 4.0 - step), step);
            rank.logDict(Map.of("<i>/loss", step / 10.0), step);
            rank.log("rate", 5, step);
          }
          return null;
        });
    return fabric.history().orElseThrow();
  }

  @Test
  void rowsAreCountedByClass() throws Exception {
    Dataset<Row> rows =
        spark.createDataFrame(
            List.of(
                RowFactory.create(0L, 0.0),
                RowFactory.create(0L, 2.0),
                RowFactory.create(1L, 1.0),
                RowFactory.create(1L, 1.0),
                RowFactory.create(2L, 2.0)),
            StructType.fromDDL("label long, prediction double"));

    ConfusionMatrix matrix = ConfusionMatrix.of(rows, "label", "prediction");

    assertThat(matrix.count(0, 2)).isEqualTo(1);
    assertThat(matrix.count(1, 1)).isEqualTo(2);
    assertThat(matrix.accuracy()).isEqualTo(0.8);
    assertThat(matrix.recall(0)).isEqualTo(0.5);
    assertThat(matrix.precision(2)).isEqualTo(0.5);
    assertThat(matrix.named("a", "<b>", "a very long name").text())
        .isEqualTo(
            """
            accuracy 80.00 %, rows are true classes
                             a      <b> a very …
                    a        1        0        1
                  <b>        0        2        0
             a very …        0        0        1""");
    Document picture = Markup.parse(matrix.named("a", "<b>", "c"));
    assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(9);
    assertThat(picture.getDocumentElement().getTextContent()).contains("80.00 %", "<b>");
  }

  @Test
  void rejectsCountsThatAreNoMatrix() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfusionMatrix.of(new long[][] {{1, 2}}))
        .withMessage(
            "The counts are not a square of at least one class. Pass counts[actual][predicted].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConfusionMatrix.of(new long[2][2]).named("one"))
        .withMessage("There are 1 names for 2 classes. Pass one for each.");
  }
}
