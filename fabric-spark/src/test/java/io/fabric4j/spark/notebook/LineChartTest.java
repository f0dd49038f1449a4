package io.fabric4j.spark.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class LineChartTest {
  private static final String HOSTILE = "</text><script>alert('\"&')</script>";

  @Test
  void namesAreInert() throws Exception {
    LineChart chart = LineChart.titled(HOSTILE).along(HOSTILE).line(HOSTILE, 1, 2, 3);

    Document document = Markup.parse(chart);

    assertThat(document.getElementsByTagName("script").getLength()).isZero();
    assertThat(document.getElementsByTagName("text").item(0).getTextContent()).isEqualTo(HOSTILE);
    assertThat(chart.html()).doesNotContain("href", "src=", "url(");
  }

  @Test
  void linesRunFromTheFirstToTheLastValue() throws Exception {
    Document document = Markup.parse(LineChart.titled("loss").line("train", 3, 2, 1));

    Element line = (Element) document.getElementsByTagName("path").item(gridLines(document));
    String[] points = line.getAttribute("d").substring(1).split("L");
    assertThat(points).hasSize(3);
    assertThat(x(points[0])).isLessThan(x(points[1])).isLessThan(x(points[2]));
    assertThat(y(points[0])).as("y grows downward").isLessThan(y(points[1]));
    assertThat(y(points[1])).isLessThan(y(points[2]));
  }

  @Test
  void valuesThatAreNotFiniteLeaveGaps() throws Exception {
    LineChart chart =
        LineChart.titled("loss").line("a", 1, Double.NaN, 3, 4, Double.POSITIVE_INFINITY);

    Element line =
        (Element)
            Markup.parse(chart).getElementsByTagName("path").item(gridLines(Markup.parse(chart)));
    assertThat(line.getAttribute("d").split("M")).as("one empty, two pieces").hasSize(3);
    assertThat(chart.html()).doesNotContain("NaN", "Infinity");
  }

  @Test
  void picturesOfManyPointsStaySmall() throws Exception {
    double[] values = IntStream.range(0, 200_000).mapToDouble(i -> Math.sin(i / 1e4)).toArray();

    LineChart chart = LineChart.titled("many").line("sine", values);

    assertThat(chart.html().length()).isLessThan(10_000);
    Markup.parse(chart);
  }

  @Test
  void chartsWithoutValuesCanBeDrawn() throws Exception {
    Markup.parse(LineChart.titled("none"));
    Markup.parse(LineChart.titled("one").line("a", 5));
    Markup.parse(LineChart.titled("equal").line("a", 0, 0, 0));
    assertThat(LineChart.titled("nan").line("a", Double.NaN).text())
        .isEqualTo("nan\n  a: no values");
  }

  @Test
  void textTellsTheCourse() {
    assertThat(LineChart.titled("loss").line("train", 2.5, 1, 0.25).text())
        .isEqualTo("loss\n  train: █▃▁  2.5 to 0.25 (min 0.25, max 2.5)");
  }

  @Test
  void rejectsPositionsWithoutValues() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LineChart.titled("loss").line("a", new double[2], new double[3]))
        .withMessage(
            "The line 'a' has 2 positions and 3 values. Pass as many of the one as of the other.");
  }

  private static int gridLines(Document document) {
    int lines = 0;
    while (((Element) document.getElementsByTagName("path").item(lines))
        .getAttribute("d")
        .contains("H")) {
      lines++;
    }
    return lines;
  }

  private static double x(String point) {
    return Double.parseDouble(point.split(" ")[0]);
  }

  private static double y(String point) {
    return Double.parseDouble(point.split(" ")[1]);
  }
}
