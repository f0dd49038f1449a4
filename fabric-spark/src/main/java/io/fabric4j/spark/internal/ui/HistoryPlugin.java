package io.fabric4j.spark.internal.ui;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.status.AppHistoryServerPlugin;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Shows the tab in the History Server, for applications that have launched something. */
public final class HistoryPlugin implements AppHistoryServerPlugin {

  @Override
  public Seq<SparkListener> createListeners(SparkConf conf, ElementTrackingStore store) {
    return CollectionConverters.asScala(List.<SparkListener>of(RunListener.replaying(store)))
        .toSeq();
  }

  @Override
  public void setupUI(SparkUI ui) {
    RunStore store = new RunStore(ui.store().store());
    if (!store.runs().isEmpty()) {
      ui.attachTab(new LiveTab(ui, store));
    }
  }
}
