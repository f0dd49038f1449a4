package io.fabric4j.spark.notebook;

import static io.fabric4j.spark.notebook.Html.escape;
import static io.fabric4j.spark.notebook.Html.format;
import static io.fabric4j.spark.notebook.Html.number;

import java.util.List;
import java.util.stream.DoubleStream;

/** Draws lines as SVG in the text color of the page, so that light and dark themes can be read. */
record SvgChart(String title, String axis, List<Line> lines) {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 220;
  private static final int LEFT = 52;
  private static final int RIGHT = 14;
  private static final int TOP = 44;
  private static final int BOTTOM = 36;
  private static final int TICKS = 5;
  private static final String[] COLORS = {
    "#2f7ed8", "#e4742a", "#2e9e6b", "#b64aa5", "#c9a100", "#d9415f"
  };

  String svg() {
    Axis x =
        Axis.over(
            lines.stream().flatMapToDouble(l -> DoubleStream.of(l.x())), LEFT, WIDTH - RIGHT, 0);
    Axis y =
        Axis.withMargin(
            lines.stream().flatMapToDouble(l -> DoubleStream.of(l.y())), HEIGHT - BOTTOM, TOP);
    StringBuilder svg =
        new StringBuilder(
            format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                    + " role=\"img\" style=\"max-width:100%%;height:auto;font:11px sans-serif;"
                    + "color:inherit\" fill=\"currentColor\">",
                WIDTH, HEIGHT, WIDTH));
    svg.append(format("<text x=\"%d\" y=\"16\" font-size=\"13\" font-weight=\"600\">", LEFT))
        .append(escape(title))
        .append("</text>");
    addGrid(svg, x, y);
    addLegend(svg);
    for (int i = 0; i < lines.size(); i++) {
      addLine(svg, lines.get(i), color(i), x, y);
    }
    return svg.append("</svg>").toString();
  }

  private void addGrid(StringBuilder svg, Axis x, Axis y) {
    for (double tick : y.ticks(TICKS)) {
      double at = y.pixel(tick);
      svg.append(
          format(
              "<path d=\"M%d %.1fH%d\" stroke=\"currentColor\" stroke-opacity=\".15\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" opacity=\".75\">%s</text>",
              LEFT, at, WIDTH - RIGHT, LEFT - 6, at + 4, number(tick)));
    }
    for (double tick : x.ticks(TICKS)) {
      svg.append(
          format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" opacity=\".75\">%s</text>",
              x.pixel(tick), HEIGHT - BOTTOM + 16, number(tick)));
    }
    svg.append(
        format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" opacity=\".75\">%s</text>",
            WIDTH - RIGHT, HEIGHT - 5, escape(axis)));
  }

  private void addLegend(StringBuilder svg) {
    double at = LEFT;
    for (int i = 0; i < lines.size(); i++) {
      String label = lines.get(i).name() + " " + number(lines.get(i).last());
      svg.append(
          format(
              "<rect x=\"%.1f\" y=\"25\" width=\"10\" height=\"3\" fill=\"%s\"/>"
                  + "<text x=\"%.1f\" y=\"31\">%s</text>",
              at, color(i), at + 14, escape(label)));
      at += 30 + 6.2 * label.length();
    }
  }

  private static void addLine(StringBuilder svg, Line line, String color, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    int points = 0;
    for (int i = 0; i < line.x().length; i++) {
      if (line.isPoint(i)) {
        path.append(
            format("%s%.1f %.1f", pen ? "L" : "M", x.pixel(line.x()[i]), y.pixel(line.y()[i])));
        points++;
      }
      pen = line.isPoint(i);
    }
    svg.append(
        format(
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\""
                + " stroke-linejoin=\"round\" stroke-linecap=\"round\"/>",
            path, color));
    if (points <= 20) {
      addDots(svg, line, color, x, y);
    }
  }

  private static void addDots(StringBuilder svg, Line line, String color, Axis x, Axis y) {
    for (int i = 0; i < line.x().length; i++) {
      if (line.isPoint(i)) {
        svg.append(
            format(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>",
                x.pixel(line.x()[i]), y.pixel(line.y()[i]), color));
      }
    }
  }

  private static String color(int index) {
    return COLORS[index % COLORS.length];
  }
}
