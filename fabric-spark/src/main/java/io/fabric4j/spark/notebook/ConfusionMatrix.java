package io.fabric4j.spark.notebook;

import static io.fabric4j.spark.notebook.Html.escape;
import static io.fabric4j.spark.notebook.Html.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How often each class was taken for which: rows are the true classes, columns the predictions. */
public final class ConfusionMatrix implements Figure {
  private static final long serialVersionUID = 1L;
  private static final int CELL = 34;
  private static final int MARGIN = 64;
  private static final int MAX_NAME = 8;

  private final long[][] counts;
  private final ArrayList<String> names;

  private ConfusionMatrix(long[][] counts, List<String> names) {
    this.counts = counts;
    this.names = new ArrayList<>(names);
  }

  /**
   * Wraps counts.
   *
   * @param counts by true class and predicted class
   * @throws IllegalArgumentException if there are none, or not as many columns as rows
   */
  public static ConfusionMatrix of(long[][] counts) {
    if (counts.length == 0 || Arrays.stream(counts).anyMatch(row -> row.length != counts.length)) {
      throw new IllegalArgumentException(
          "The counts are not a square of at least one class. Pass counts[actual][predicted].");
    }
    return new ConfusionMatrix(
        Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new),
        IntStream.range(0, counts.length).mapToObj(Integer::toString).toList());
  }

  /**
   * Counts the rows of a DataFrame, in a job of Spark's.
   *
   * @param labelCol column of true classes 0, 1, 2, ..., of any numeric type
   * @param predictionCol column of predicted ones
   */
  public static ConfusionMatrix of(
      Dataset<Row> predictions, String labelCol, String predictionCol) {
    List<Row> pairs =
        predictions
            .groupBy(
                predictions.col(labelCol).cast("int"), predictions.col(predictionCol).cast("int"))
            .count()
            .collectAsList();
    int classes =
        1 + pairs.stream().mapToInt(p -> Math.max(p.getInt(0), p.getInt(1))).max().orElse(0);
    long[][] counts = new long[classes][classes];
    pairs.forEach(pair -> counts[pair.getInt(0)][pair.getInt(1)] = pair.getLong(2));
    return of(counts);
  }

  /**
   * Names the classes; otherwise they are 0, 1, 2, ...
   *
   * @throws IllegalArgumentException if there are not as many names as classes
   */
  public ConfusionMatrix named(String... classes) {
    if (classes.length != counts.length) {
      throw new IllegalArgumentException(
          "There are %d names for %d classes. Pass one for each."
              .formatted(classes.length, counts.length));
    }
    return new ConfusionMatrix(counts, List.of(classes));
  }

  /** Returns the number of rows of a class that were taken for another, or for itself. */
  public long count(int actual, int predicted) {
    return counts[actual][predicted];
  }

  /** Returns the share of rows whose class was predicted. */
  public double accuracy() {
    long hits = IntStream.range(0, counts.length).mapToLong(i -> counts[i][i]).sum();
    return hits / (double) Arrays.stream(counts).mapToLong(ConfusionMatrix::sum).sum();
  }

  /** Returns the share of a class's rows that were recognised as such. */
  public double recall(int actual) {
    return counts[actual][actual] / (double) sum(counts[actual]);
  }

  /** Returns the share of rows predicted to be of a class that are. */
  public double precision(int predicted) {
    long all = Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
    return counts[predicted][predicted] / (double) all;
  }

  private static long sum(long[] row) {
    return Arrays.stream(row).sum();
  }

  @Override
  public String html() {
    int side = MARGIN + counts.length * CELL;
    StringBuilder svg =
        new StringBuilder(
            format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                    + " role=\"img\" style=\"max-width:100%%;height:auto;font:11px sans-serif;"
                    + "color:inherit\" fill=\"currentColor\">",
                side + 4, side + 4, side + 4));
    svg.append(
        format(
            "<text x=\"%d\" y=\"14\" font-size=\"13\" font-weight=\"600\">accuracy %.2f %%</text>"
                + "<text x=\"%d\" y=\"36\" opacity=\".75\">predicted</text>"
                + "<text x=\"4\" y=\"%d\" opacity=\".75\">true</text>",
            MARGIN, 100 * accuracy(), MARGIN, MARGIN - 6));
    for (int i = 0; i < counts.length; i++) {
      addRow(svg, i);
    }
    return svg.append("</svg>").toString();
  }

  private void addRow(StringBuilder svg, int row) {
    double middle = MARGIN + (row + 0.5) * CELL;
    String name = escape(shortName(row));
    svg.append(
        format(
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>"
                + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
            middle, MARGIN - 6, name, MARGIN - 8, middle + 4, name));
    long all = Math.max(1, sum(counts[row]));
    for (int column = 0; column < counts.length; column++) {
      double share = counts[row][column] / (double) all;
      svg.append(
          format(
              "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\""
                  + " fill-opacity=\"%.3f\"/>",
              MARGIN + column * CELL,
              MARGIN + row * CELL,
              CELL - 1,
              CELL - 1,
              row == column ? "#2f7ed8" : "#e4742a",
              0.05 + 0.85 * (row == column ? share : Math.sqrt(share))));
      if (counts[row][column] > 0) {
        svg.append(
            format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\"%s>%s</text>",
                MARGIN + (column + 0.5) * CELL,
                middle + 4,
                share > 0.5 ? " fill=\"#fff\"" : "",
                count(counts[row][column])));
      }
    }
  }

  private static String count(long count) {
    return count < 10_000 ? Long.toString(count) : format("%.0fk", count / 1000.0);
  }

  private String shortName(int index) {
    String name = names.get(index);
    return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME - 1) + "…";
  }

  @Override
  public String text() {
    StringBuilder text =
        new StringBuilder(format("accuracy %.2f %%, rows are true classes%n", 100 * accuracy()));
    int width =
        Math.max(
                MAX_NAME,
                Long.toString(Arrays.stream(counts).mapToLong(ConfusionMatrix::sum).max().orElse(0))
                    .length())
            + 1;
    String cell = "%" + width + "s";
    text.append(format(cell, ""));
    names.forEach(name -> text.append(format(cell, shortName(names.indexOf(name)))));
    for (int row = 0; row < counts.length; row++) {
      text.append('\n').append(format(cell, shortName(row)));
      for (long count : counts[row]) {
        text.append(format(cell, count));
      }
    }
    return text.toString();
  }
}
