package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that use estimators, in this process. */
class ExamplesIT {
  private static final Pattern NUMBER = Pattern.compile(": (?:root mean square error )?([\\d.]+)");

  @BeforeAll
  static void setMaster() {
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.ui.enabled", "false");
  }

  @AfterAll
  static void clearMaster() {
    System.clearProperty("spark.master");
    System.clearProperty("spark.ui.enabled");
  }

  /** What may be run. */
  private interface Program {
    void run(String... arguments) throws IOException;
  }

  /** Returns the numbers of the lines that have one. */
  private static List<Double> numbers(Program program, String... arguments) throws IOException {
    PrintStream standard = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.run(arguments);
    } finally {
      System.setOut(standard);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    System.out.print(text);
    List<Double> numbers = new ArrayList<>();
    Matcher matcher = NUMBER.matcher(text);
    while (matcher.find()) {
      numbers.add(Double.parseDouble(matcher.group(1)));
    }
    return numbers;
  }

  @Test
  void classifiesMadeUpMushrooms() throws IOException {
    assertThat(numbers(ClassifyAgaricus::run)).singleElement().matches(percent -> percent > 99);
  }

  @Test
  void classifiesAgaricus() throws IOException {
    Path data = Path.of("../../shared/data/agaricus").toAbsolutePath().normalize();
    assumeTrue(Files.isDirectory(data), () -> "skipped: no agaricus files in " + data);

    assertThat(numbers(ClassifyAgaricus::run, data.toString()))
        .singleElement()
        .matches(percent -> percent >= 99.9);
  }

  @Test
  void forecastsBetterThanALine() throws IOException {
    List<Double> errors = numbers(arguments -> ForecastRegression.main(arguments));

    assertThat(errors).hasSize(3);
    assertThat(errors.get(2)).isLessThan(0.8 * errors.get(1)).isLessThan(errors.get(0));
  }

  @Test
  void savesAndLoadsAPipeline(@TempDir Path folder) throws IOException {
    List<Double> percents = numbers(MnistPipeline::run, folder.resolve("digits").toString());

    assertThat(percents).hasSize(2);
    assertThat(percents.get(0)).isGreaterThan(90);
    assertThat(percents.get(1)).isEqualTo(percents.get(0));
  }

  @Test
  void rejectsOtherArguments() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassifyAgaricus.run("/no/such"))
        .withMessage(
            "The argument is /no/such, which is not a local folder. Pass one with"
                + " agaricus.txt.train and agaricus.txt.test, or nothing for made-up mushrooms.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MnistPipeline.run())
        .withMessage(
            "There are 0 arguments. Pass the folder to save the pipeline to, and optionally a local"
                + " folder with MNIST's files.");
  }
}
