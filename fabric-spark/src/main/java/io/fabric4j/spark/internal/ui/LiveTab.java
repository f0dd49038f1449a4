package io.fabric4j.spark.internal.ui;

import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;

/** The tab: a list of runs, and a page for each. */
final class LiveTab extends SparkUITab {
  static final String PREFIX = "fabric";

  LiveTab(SparkUI ui, RunStore store) {
    super(ui, PREFIX);
    attachPage(new RunListPage(this, store));
    attachPage(new RunPage(this, store));
  }

  /** Comes after Spark's own tabs. */
  @Override
  public int displayOrder() {
    return 100;
  }
}
