package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.callbacks.Callback;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ResumedFitTest extends MLTest {
  @TempDir private Path folder;

  /** Fails in an epoch, once. */
  private record FailsOnce(String marker) implements Callback, Serializable {
    public void onTrainEpochStart(int epoch) throws IOException {
      if (epoch == 2 && Files.deleteIfExists(Path.of(marker))) {
        throw new IOException("the disk is full");
      }
    }
  }

  private FabricClassifier resuming() throws IOException {
    Path marker = Files.createFile(folder.resolve("marker"));
    return classifier()
        .setMaxIter(5)
        .setValidationFraction(0.3)
        .setCallbacks(new Object[] {new FailsOnce(marker.toString())})
        .setCheckpointDir(folder.toString())
        .setCheckpointInterval(1)
        .setRunId("run");
  }

  @Test
  void aFitThatFailedGoesOnWithTheSameNumbers() throws IOException {
    Dataset<Row> rows = points(200);
    FabricTrainingSummary straight =
        classifier().setMaxIter(5).setValidationFraction(0.3).fit(rows).summary();
    FabricClassifier classifier = resuming();
    assertThatThrownBy(() -> classifier.fit(rows)).hasMessageContaining("the disk is full");

    FabricTrainingSummary resumed = classifier.fit(rows).summary();

    assertThat(resumed.runId()).isEqualTo("run");
    assertThat(resumed.objectiveHistory()).isEqualTo(straight.objectiveHistory());
    assertThat(resumed.epochs().stream().map(TrainingEpoch::validation))
        .isEqualTo(straight.epochs().stream().map(TrainingEpoch::validation).toList());
    assertThat(resumed.bestEpoch()).isEqualTo(straight.bestEpoch());
  }

  @Test
  void startsAnewIfTold() throws IOException {
    Dataset<Row> rows = points(100);
    FabricClassifier classifier = resuming().setRunId("other");
    assertThatThrownBy(() -> classifier.fit(rows)).hasMessageContaining("the disk is full");
    Path stays = Files.writeString(folder.resolve("other").resolve("note"), "");

    classifier.setResume(false).fit(rows);

    assertThat(stays).doesNotExist();
    assertThat(folder.resolve("other")).isDirectory();
  }

  @Test
  void theNextFitOfAnApplicationIsAnotherRun() {
    FabricClassifier classifier =
        classifier().setMaxIter(1).setCheckpointDir(folder.toString()).setRunId("tuned");

    assertThat(classifier.fit(points(60)).summary().runId()).isEqualTo("tuned");
    assertThat(classifier.fit(points(60)).summary().runId()).isEqualTo("tuned-2");
    assertThat(folder.resolve("tuned-2")).isDirectory();
  }
}
