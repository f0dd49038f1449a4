package io.fabric4j.spark.internal.ui;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** The way of events to Spark's listener bus, and the tab that shows them. */
public final class LiveView {
  private static final Logger LOGGER = LoggerFactory.getLogger(LiveView.class);

  private LiveView() {}

  /**
   * Attaches the tab to the UI of an application, if it has one and no tab yet.
   *
   * @return where events go; it never throws
   * @throws LinkageError if this Spark lacks what the view uses
   */
  public static Consumer<SparkListenerEvent> open(SparkContext context) {
    if (context.ui().isDefined()) {
      attach(context, context.ui().get());
    }
    AtomicBoolean failed = new AtomicBoolean();
    return event -> {
      try {
        if (!failed.get()) {
          context.listenerBus().post(event);
        }
      } catch (RuntimeException | LinkageError e) {
        failed.set(true);
        LOGGER.warn("Spark's UI will not show how the run goes on: {}", e.toString());
      }
    };
  }

  private static void attach(SparkContext context, SparkUI ui) {
    synchronized (ui) {
      boolean attached =
          CollectionConverters.asJava(ui.getTabs()).stream().anyMatch(LiveTab.class::isInstance);
      if (!attached) {
        ElementTrackingStore store = (ElementTrackingStore) context.statusStore().store();
        context.listenerBus().addToStatusQueue(RunListener.live(store));
        ui.attachTab(new LiveTab(ui, new RunStore(store)));
      }
    }
  }
}
