package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MnistOptionsTest {

  @Test
  void hasDefaults() {
    MnistOptions options = MnistOptions.parse();

    assertThat(options.data()).isEmpty();
    assertThat(options.model()).isEqualTo(MnistOptions.Model.MLP);
    assertThat(options.workers()).isEqualTo(2);
    assertThat(options.epochs()).isEqualTo(5);
    assertThat(options.batchSize()).isEqualTo(64);
    assertThat(options.lr()).isEqualTo(1e-3f);
    assertThat(options.seed()).isEqualTo(1);
    assertThat(options.checkpoint()).isEmpty();
    assertThat(options.samples()).isEqualTo(10_000);
    assertThat(options.helpRequested()).isFalse();
  }

  @Test
  void parsesBothSpellings() {
    MnistOptions options =
        MnistOptions.parse(
            "--data",
            "/data/mnist",
            "--model=cnn",
            "--workers",
            "4",
            "--epochs=1",
            "--batch-size",
            "1",
            "--lr=0.1",
            "--seed",
            "4294967295",
            "--checkpoint=hdfs:/runs/key=value",
            "--samples",
            "10");

    assertThat(options.data()).contains(Path.of("/data/mnist"));
    assertThat(options.model()).isEqualTo(MnistOptions.Model.CNN);
    assertThat(options.workers()).isEqualTo(4);
    assertThat(options.epochs()).isEqualTo(1);
    assertThat(options.batchSize()).isEqualTo(1);
    assertThat(options.lr()).isEqualTo(0.1f);
    assertThat(options.seed()).isEqualTo(4_294_967_295L);
    assertThat(options.checkpoint()).contains("hdfs:/runs/key=value");
    assertThat(options.samples()).isEqualTo(10);
  }

  @Test
  void letsTheLastRepetitionCount() {
    assertThat(MnistOptions.parse("--lr", "0.1", "--lr=0.2").lr()).isEqualTo(0.2f);
  }

  @Test
  void letsHelpWinOverErrors() {
    assertThat(MnistOptions.parse("--lr", "0", "--help").helpRequested()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "--epoch, --epochs",
    "--bach-size, --batch-size",
    "--batch_size, --batch-size",
    "workers, --workers",
    "--LR, --lr"
  })
  void suggestsTheNearestOption(String typed, String nearest) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistOptions.parse(typed, "1"))
        .withMessage("Unknown option %s. Did you mean %s?", typed, nearest);
  }

  @Test
  void pointsToHelpWhereNoOptionIsNear() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistOptions.parse("/data/mnist"))
        .withMessage("Unknown option /data/mnist. Run with --help to see all options.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--batch-size", "--batch-size=", "--batch-size --lr=1"})
  void rejectsMissingValues(String line) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistOptions.parse(line.split(" ")))
        .withMessage("--batch-size has no value. Write it as --batch-size N.");
  }

  @ParameterizedTest
  @CsvSource({
    "--workers, 0, 1, 2147483647",
    "--workers, two, 1, 2147483647",
    "--epochs, 0, 1, 2147483647",
    "--epochs, 2147483648, 1, 2147483647",
    "--batch-size, 0, 1, 2147483647",
    "--batch-size, 6.5, 1, 2147483647",
    "--seed, -1, 0, 4294967295",
    "--seed, 4294967296, 0, 4294967295",
    "--samples, 9, 10, 1000000",
    "--samples, 1000001, 10, 1000000"
  })
  void rejectsNumbersOutOfRange(String flag, String value, String min, String max) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistOptions.parse(flag, value))
        .withMessage(
            "%s cannot be %s. Give it a whole number from %s to %s.", flag, value, min, max);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-0.1", "NaN", "Infinity", "1e-60", "fast"})
  void rejectsLearningRatesThatAreNotPositive(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistOptions.parse("--lr", value))
        .withMessage("--lr cannot be %s. Give it a finite number above 0.", value);
  }

  @Test
  void rejectsUnknownModels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistOptions.parse("--model", "resnet"))
        .withMessage("--model cannot be resnet. Give it mlp or cnn.");
  }

  @Test
  void helpNamesEachOptionInOneColumn() {
    String help = MnistOptions.help();

    assertThat(help.lines()).allMatch(line -> line.length() <= 100);
    for (MnistOption option : MnistOption.values()) {
      assertThat(help.lines())
          .filteredOn(line -> line.startsWith("  " + option.flag()))
          .singleElement()
          .asString()
          .matches(".{20} \\S.*");
    }
    assertThat(help).contains("--lr X             learning rate (default 1e-3)", "spark-submit");
  }
}
