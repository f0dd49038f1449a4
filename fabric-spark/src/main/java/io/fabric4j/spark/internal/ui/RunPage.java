package io.fabric4j.spark.internal.ui;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.spark.ui.WebUIPage;
import org.json4s.JValue;
import scala.collection.immutable.Seq;
import scala.xml.Node;

/** One run; as JSON what is new since a version that the page has. */
final class RunPage extends WebUIPage {
  static final String NAME = "run";

  private static final String ID = "id";
  private static final String SINCE = "since";

  private final LiveTab tab;
  private final RunStore store;

  RunPage(LiveTab tab, RunStore store) {
    super(NAME);
    this.tab = tab;
    this.store = store;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    long run = store.run(number(request, ID)).run();
    return LivePage.render(request, tab, "Fabric run " + run, NAME, ID + "=" + run);
  }

  @Override
  public JValue renderJson(HttpServletRequest request) {
    long since = request.getParameter(SINCE) == null ? 0 : number(request, SINCE);
    RunRecord run = store.run(number(request, ID));
    return RunJson.run(run, store.series(run.run()), since);
  }

  private static long number(HttpServletRequest request, String name) {
    String value = request.getParameter(name);
    if (value == null || !value.matches("\\d{1,18}")) {
      throw new IllegalArgumentException(
          "The address has no number " + name + ". Choose a run from the list of runs.");
    }
    return Long.parseLong(value);
  }
}
