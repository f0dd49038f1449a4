package io.fabric4j.spark.notebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lines over a common axis, such as losses by step. Immutable: each method returns another chart.
 *
 * <pre>{@code
 * LineChart.titled("loss").line("train", losses).line("validation", validation).show();
 * }</pre>
 */
public final class LineChart implements Figure {
  private static final long serialVersionUID = 1L;

  private final String title;
  private final String axis;
  private final ArrayList<Line> lines;

  private LineChart(String title, String axis, List<Line> lines) {
    this.title = Objects.requireNonNull(title, "title is null");
    this.axis = Objects.requireNonNull(axis, "axis is null");
    this.lines = new ArrayList<>(lines);
  }

  /** Returns a chart without lines. */
  public static LineChart titled(String title) {
    return new LineChart(title, "step", List.of());
  }

  /** Names what the lines run along; "step" otherwise. */
  public LineChart along(String name) {
    return new LineChart(title, name, lines);
  }

  /** Adds a line through values at 1, 2, 3, ...; what is not finite leaves a gap. */
  public LineChart line(String name, double... values) {
    return line(name, IntStream.rangeClosed(1, values.length).asDoubleStream().toArray(), values);
  }

  /**
   * Adds a line.
   *
   * @param positions along the axis, ascending
   * @throws IllegalArgumentException if there are not as many positions as values
   */
  public LineChart line(String name, double[] positions, double[] values) {
    List<Line> more = new ArrayList<>(lines);
    more.add(Line.of(name, positions, values));
    return new LineChart(title, axis, more);
  }

  @Override
  public String html() {
    return new SvgChart(title, axis, lines).svg();
  }

  @Override
  public String text() {
    return title + lines.stream().map(line -> "\n  " + line.text()).collect(Collectors.joining());
  }

  @Override
  public String toString() {
    return "LineChart("
        + title
        + ": "
        + Arrays.toString(lines.stream().map(Line::name).toArray())
        + ")";
  }
}
