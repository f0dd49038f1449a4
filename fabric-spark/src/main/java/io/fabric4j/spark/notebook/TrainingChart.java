package io.fabric4j.spark.notebook;

import static io.fabric4j.spark.notebook.Html.escape;
import static io.fabric4j.spark.notebook.Html.format;

import io.fabric4j.spark.progress.EpochSummary;
import io.fabric4j.spark.progress.MetricPoint;
import io.fabric4j.spark.progress.TrainingHistory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A launch at a glance: where it stands, how fast it is, and a chart for each metric that rank 0
 * logged. Metrics whose names end alike after a slash, such as {@code train/loss} and {@code
 * validation/loss}, share a chart.
 */
public final class TrainingChart implements Figure {
  private static final long serialVersionUID = 1L;
  private static final int MAX_CHARTS = 6;
  private static final int MAX_LINES = 6;

  private final TrainingHistory history;
  private final Set<String> chosen;

  private TrainingChart(TrainingHistory history, Set<String> chosen) {
    this.history = Objects.requireNonNull(history, "history is null");
    this.chosen = chosen;
  }

  /** Returns a chart of all metrics; of very many the first ones. */
  public static TrainingChart of(TrainingHistory history) {
    return new TrainingChart(history, Set.of());
  }

  /** Shows these metrics only. */
  public TrainingChart metrics(String... names) {
    return new TrainingChart(history, Set.of(names));
  }

  @Override
  public String html() {
    StringBuilder html =
        new StringBuilder("<div style=\"font:13px sans-serif\"><div style=\"margin:4px 0\"><b>")
            .append(escape(stateName()))
            .append("</b> ")
            .append(escape(summary()))
            .append("</div>");
    history.lastEpoch().ifPresent(epoch -> html.append(bar(epoch)));
    html.append("<div style=\"display:flex;flex-wrap:wrap\">");
    charts().forEach(chart -> html.append("<div>").append(chart.html()).append("</div>"));
    return html.append("</div></div>").toString();
  }

  @Override
  public String text() {
    return stateName()
        + " "
        + summary()
        + charts().stream().map(chart -> "\n" + chart.text()).collect(Collectors.joining());
  }

  private String stateName() {
    return switch (history.state()) {
      case RUNNING -> "Training";
      case SUCCEEDED -> "Trained";
      case FAILED -> "Failed";
    };
  }

  private String summary() {
    String ranks = history.worldSize() == 1 ? "on 1 rank" : "on " + history.worldSize() + " ranks";
    String place = history.attempt() > 0 ? ranks + ", attempt " + (history.attempt() + 1) : ranks;
    return history.lastEpoch().map(epoch -> place + ": " + describe(epoch)).orElse(place);
  }

  private String describe(EpochSummary epoch) {
    return format(
        "epoch %d, %,d of %,d batches, %,.0f samples/s, %.1f s",
        epoch.epoch(),
        epoch.batches(),
        epoch.totalBatches(),
        epoch.samplesPerSecond(),
        history.epochs().stream().mapToDouble(EpochSummary::seconds).sum());
  }

  private static String bar(EpochSummary epoch) {
    return format(
        "<div style=\"max-width:460px;height:4px;background:rgba(128,128,128,.25)\"><div"
            + " style=\"width:%.1f%%;height:4px;background:#2f7ed8\"></div></div>",
        100.0 * epoch.batches() / Math.max(1, epoch.totalBatches()));
  }

  private List<LineChart> charts() {
    Map<String, Map<String, SortedMap<Long, Double>>> charts = new LinkedHashMap<>();
    history.metrics().forEach(point -> add(charts, point));
    List<LineChart> pictures = new ArrayList<>();
    charts.entrySet().stream()
        .limit(MAX_CHARTS)
        .forEach(chart -> pictures.add(chart(chart.getKey(), chart.getValue())));
    return pictures;
  }

  /** A step that a later attempt repeats has the later value. */
  private void add(Map<String, Map<String, SortedMap<Long, Double>>> charts, MetricPoint point) {
    point
        .values()
        .forEach(
            (name, value) -> {
              if (chosen.isEmpty() || chosen.contains(name)) {
                charts
                    .computeIfAbsent(
                        name.substring(name.lastIndexOf('/') + 1), k -> new LinkedHashMap<>())
                    .computeIfAbsent(name, k -> new TreeMap<>())
                    .put(point.step(), value);
              }
            });
  }

  private static LineChart chart(String title, Map<String, SortedMap<Long, Double>> metrics) {
    LineChart chart = LineChart.titled(title);
    for (Map.Entry<String, SortedMap<Long, Double>> metric :
        metrics.entrySet().stream().limit(MAX_LINES).toList()) {
      chart =
          chart.line(
              metric.getKey(),
              metric.getValue().keySet().stream().mapToDouble(Long::doubleValue).toArray(),
              metric.getValue().values().stream().mapToDouble(Double::doubleValue).toArray());
    }
    return chart;
  }
}
