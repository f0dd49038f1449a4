package io.fabric4j.spark.internal.ui;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.spark.ui.WebUIPage;
import org.json4s.JValue;
import scala.collection.immutable.Seq;
import scala.xml.Node;

/** The runs of an application. */
final class RunListPage extends WebUIPage {
  private final LiveTab tab;
  private final RunStore store;

  RunListPage(LiveTab tab, RunStore store) {
    super("");
    this.tab = tab;
    this.store = store;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    return LivePage.render(request, tab, "Fabric runs", "list", "");
  }

  @Override
  public JValue renderJson(HttpServletRequest request) {
    return RunJson.list(store.runs());
  }
}
