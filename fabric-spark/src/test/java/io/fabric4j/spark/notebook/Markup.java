package io.fabric4j.spark.notebook;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** Parses what figures make. */
final class Markup {
  private Markup() {}

  static Document parse(Figure figure) throws Exception {
    String closed = figure.html().replaceAll("(<img[^>]*[^/])>", "$1/>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(closed)));
  }
}
