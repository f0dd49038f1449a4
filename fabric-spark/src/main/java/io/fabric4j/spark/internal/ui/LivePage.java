package io.fabric4j.spark.internal.ui;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.spark.ui.UIUtils;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction0;
import scala.xml.Node;
import scala.xml.Unparsed;

/**
 * The frame of a page: Spark's header, and a script that shows what the page's JSON tells. Style
 * and script are within the page, since Spark serves no files of jars that come with an
 * application.
 */
final class LivePage {
  private static final String STYLE = resource("live.css");
  private static final String SCRIPT = resource("chart.js") + resource("live.js");

  private LivePage() {}

  /**
   * Returns the page.
   *
   * @param view what the script shows: list or run
   * @param query of the page's JSON; nothing that has to be escaped
   */
  static Seq<Node> render(
      HttpServletRequest request, LiveTab tab, String title, String view, String query) {
    String home = UIUtils.prependBaseUri(request, tab.basePath(), "/" + LiveTab.PREFIX + "/");
    String html =
        "<style>"
            + STYLE
            + "</style><div id=\"fabric\" data-view=\""
            + view
            + "\" data-home=\""
            + escape(home)
            + "\" data-query=\""
            + query
            + "\"><noscript>This page needs JavaScript.</noscript></div><script>"
            + SCRIPT
            + "</script>";
    return UIUtils.headerSparkPage(
        request,
        title,
        new AbstractFunction0<>() {
          @Override
          public Seq<Node> apply() {
            return new Unparsed(html);
          }
        },
        tab,
        Option.empty(),
        false,
        false);
  }

  private static String escape(String text) {
    return scala.xml.Utility.escape(text);
  }

  private static String resource(String name) {
    try (InputStream in = LivePage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name + " of the jar.", e);
    }
  }
}
