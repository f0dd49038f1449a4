package io.fabric4j.spark.internal.ui;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric4j.spark.internal.live.Incident;
import java.util.List;
import org.json4s.JValue;
import org.json4s.jackson.JsonMethods$;

/** Writes runs as the page's script reads them. */
final class RunJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private RunJson() {}

  static JValue list(List<RunRecord> runs) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode array = root.putArray("runs");
    runs.forEach(run -> summary(array.addObject(), run));
    return JsonMethods$.MODULE$.fromJsonNode(root);
  }

  private static void summary(ObjectNode node, RunRecord run) {
    node.put("run", run.run());
    node.put("name", run.name());
    node.put("state", run.state());
    node.put("message", run.message());
    node.put("ranks", run.ranks());
    node.put("attempt", run.attempt());
    node.put("started", run.started());
    node.put("updated", run.updated());
    node.put("ended", run.ended());
    node.put("epoch", run.epoch());
    node.put("batches", run.batches());
    node.put("totalBatches", run.totalBatches());
  }

  /**
   * Returns a run.
   *
   * @param since the version of which all is known to the reader, 0 for none; a series is sent from
   *     its beginning if rows that the reader has were joined since
   */
  static JValue run(RunRecord run, List<SeriesRecord> series, long since) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", run.version());
    summary(root, run);
    if (run.version() > since) {
      root.put("explanation", run.explanation());
      root.set("notes", notes(run));
      root.set("checkpoints", checkpoints(run));
      root.set("incidents", incidents(run));
    }
    ArrayNode array = root.putArray("series");
    series.forEach(one -> series(array, one, since));
    return JsonMethods$.MODULE$.fromJsonNode(root);
  }

  private static ArrayNode notes(RunRecord run) {
    ArrayNode array = MAPPER.createArrayNode();
    run.notes()
        .forEach(
            note ->
                array
                    .addObject()
                    .put("rank", note.rank())
                    .put("host", note.host())
                    .put("phase", note.phase())
                    .put("rows", note.rows()));
    return array;
  }

  private static ArrayNode checkpoints(RunRecord run) {
    ArrayNode array = MAPPER.createArrayNode();
    run.checkpoints()
        .forEach(
            saved ->
                array
                    .addObject()
                    .put("time", saved.time())
                    .put("path", saved.path())
                    .put("bytes", saved.bytes()));
    return array;
  }

  private static ArrayNode incidents(RunRecord run) {
    ArrayNode array = MAPPER.createArrayNode();
    run.incidents()
        .forEach(
            incident ->
                array
                    .addObject()
                    .put("time", incident.time())
                    .put("retry", incident.kind() == Incident.Kind.RETRY)
                    .put("attempt", incident.attempt())
                    .put("rank", incident.rank())
                    .put("text", incident.text()));
    return array;
  }

  private static void series(ArrayNode array, SeriesRecord series, long since) {
    boolean whole = since == 0 || series.thinned() > since;
    long[] versions = series.versions();
    int begin = whole ? 0 : firstAfter(versions, since);
    if (begin == versions.length) {
      return;
    }
    ObjectNode node = array.addObject();
    node.put("kind", series.kind());
    node.put("name", series.name());
    node.put("whole", whole);
    ArrayNode columns = node.putArray("columns");
    for (double[] column : series.columns()) {
      ArrayNode values = columns.addArray();
      for (int i = begin; i < column.length; i++) {
        add(values, column[i]);
      }
    }
  }

  private static int firstAfter(long[] versions, long since) {
    int index = versions.length;
    while (index > 0 && versions[index - 1] > since) {
      index--;
    }
    return index;
  }

  /** JSON has no NaN, and whole numbers are shorter without a fraction. */
  private static void add(ArrayNode values, double value) {
    if (!Double.isFinite(value)) {
      values.addNull();
    } else if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      values.add((long) value);
    } else {
      values.add(value);
    }
  }
}
