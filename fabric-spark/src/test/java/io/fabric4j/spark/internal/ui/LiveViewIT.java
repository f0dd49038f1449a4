package io.fabric4j.spark.internal.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.internal.live.RunEnded;
import io.fabric4j.spark.internal.live.RunStarted;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens the tab in Chromium while three executors train, and in the History Server afterwards. The
 * pictures are left in target/live-view.
 */
@Timeout(240)
class LiveViewIT {
  private static final Path PICTURES = Path.of("target/live-view");
  private static final int RANKS = 3;
  private static final long HOSTILE_RUN = 999_999;
  private static final String HOSTILE = "<script>window.hacked = 'run'</script>";
  private static final String POINTS = "document.querySelectorAll('#fabric svg circle').length";
  private static final String STEPS =
      "Number([...document.querySelectorAll('.fabric-tile')].find(tile =>"
          + " tile.textContent.startsWith('Steps'))?.lastChild.textContent.replace(/,/g, '') || 0)";

  @TempDir private Path folder;

  @Test
  void showsARunWhileItGoesOnAndAfterwards() throws Exception {
    Optional<Path> chromium = Browser.find();
    if (chromium.isEmpty()) {
      System.out.println("Skipped: there is no Chromium (Debian: apt-get install chromium).");
    }
    assumeTrue(chromium.isPresent());
    Path events = Files.createDirectory(folder.resolve("events"));
    Path profile = Files.createDirectory(folder.resolve("profile"));
    try (Browser browser = new Browser(chromium.get(), profile)) {
      String application = watchLive(browser, events);
      watchHistory(browser, events, application);
      assertThat(browser.errors()).isEmpty();
      assertThat(browser.requests())
          .isNotEmpty()
          .allMatch(url -> url.startsWith("http://127.0.0.1:") || url.startsWith("data:"));
    }
    loadWithoutTheJar(events);
  }

  private String watchLive(Browser browser, Path events) throws Exception {
    try (SparkSession spark = session("watched <script>window.hacked = 'app'</script>", events)) {
      String ui = spark.sparkContext().uiWebUrl().get();
      Path stop = folder.resolve("stop");
      WatchedTraining training =
          new WatchedTraining(stop.toString(), saved(), 3, WatchedTraining.HOSTILE);
      CompletableFuture<Integer> launch =
          CompletableFuture.supplyAsync(() -> SparkFabric.launch(spark, RANKS, training));
      Browser.await(
          "the tab",
          () -> HistoryServerProcess.get(ui + "/fabric/").body().contains("id=\"fabric\""));
      browser.resize(1280);
      browser.open(ui + "/fabric/");
      browser.awaitTrue("document.querySelector('#fabric a') !== null");
      browser.open(browser.evaluate("document.querySelector('#fabric a').href").asText());
      browser.awaitTrue(POINTS + " > 3");
      assertUpdates(browser);
      browser.awaitTrue("document.body.textContent.includes('all ranks start again')");
      assertUpdates(browser);
      assertUpdates(browser);
      assertShown(browser);
      picture(browser, "live");
      Files.createFile(stop);
      launch.get(60, TimeUnit.SECONDS);
      browser.awaitTrue("document.querySelector('.fabric-state.succeeded') !== null");
      hostileRun(browser, LiveView.open(spark.sparkContext()), ui);
      browser.open("about:blank");
      return spark.sparkContext().applicationId();
    }
  }

  private String saved() {
    return folder.resolve("saved").toUri().toString();
  }

  private static SparkSession session(String name, Path events) {
    String testClasses = new File("target/test-classes").getAbsolutePath();
    return SparkSession.builder()
        .appName(name)
        .master("local-cluster[" + RANKS + ",1,1024]")
        .config(
            "spark.executor.extraClassPath",
            System.getProperty("fabric.all.jar") + File.pathSeparator + testClasses)
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.executor.heartbeatInterval", "1s")
        .config("spark.fabric.executor-timeout", "60s")
        .config("spark.ui.enabled", "true")
        .config("spark.ui.port", "0")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.dir", events.toUri().toString())
        .getOrCreate();
  }

  /** Writes the pictures of the documentation, where that is asked for. */
  @Test
  @EnabledIfSystemProperty(named = "fabric.docs.write", matches = "true")
  void writesThePicturesOfTheDocs() throws Exception {
    Path events = Files.createDirectory(folder.resolve("events"));
    Path profile = Files.createDirectory(folder.resolve("profile"));
    Path stop = folder.resolve("stop");
    try (SparkSession spark = session("sums of eight numbers", events);
        Browser browser = new Browser(Browser.find().orElseThrow(), profile)) {
      WatchedTraining training =
          new WatchedTraining(stop.toString(), saved(), 25, "validation/error");
      CompletableFuture<Integer> launch =
          CompletableFuture.supplyAsync(() -> SparkFabric.launch(spark, RANKS, training));
      Thread.sleep(60_000);
      browser.resize(1280);
      browser.open(spark.sparkContext().uiWebUrl().get() + "/fabric/");
      browser.awaitTrue("document.querySelector('#fabric a') !== null");
      browser.open(browser.evaluate("document.querySelector('#fabric a').href").asText());
      browser.awaitTrue(POINTS + " > 3");
      Path images = Path.of("../docs/images");
      browser.screenshot(images.resolve("fabric-tab.png"), 1280, 1180);
      browser.resize(400);
      Thread.sleep(500);
      browser.screenshot(images.resolve("fabric-tab-narrow.png"), 400, 1180);
      Files.createFile(stop);
      launch.get(60, TimeUnit.SECONDS);
    }
  }

  /** The page has to show more steps without being loaded again. */
  private static void assertUpdates(Browser browser) throws Exception {
    browser.evaluate("window.stillHere = true");
    double before = browser.evaluate(STEPS).asDouble();
    browser.awaitTrue(STEPS + " > " + before);
    assertThat(browser.evaluate("window.stillHere").asBoolean()).isTrue();
  }

  private static void assertShown(Browser browser) throws Exception {
    browser.awaitTrue("document.querySelectorAll('.fabric-ranks tbody tr').length === " + RANKS);
    browser.awaitTrue("document.querySelector('.fabric-straggler b')?.textContent === '2'");
    browser.awaitTrue("document.querySelector('.fabric-mark-retry') !== null");
    browser.awaitTrue("document.querySelector('.fabric-mark-checkpoint') !== null");
    String text = browser.evaluate("document.getElementById('fabric').textContent").asText();
    assertThat(text)
        .contains("train/loss", "validation/loss", "accuracy", "Learning rate", "group 0")
        .contains("gradient norm", "straggler", "epoch-0.safetensors", "Strategy ddp")
        .contains(WatchedTraining.HOSTILE)
        .containsPattern("rank 1 failed");
    assertThat(browser.evaluate("typeof window.hacked").asText()).isEqualTo("undefined");
    JsonNode titles =
        browser.evaluate("[...document.querySelectorAll('#fabric h5')].map(e => e.textContent)");
    assertThat(titles.toString())
        .as("train and validation share a chart")
        .containsOnlyOnce("\"loss\"");
    assertThat(
            browser.evaluate("document.querySelectorAll('svg[role=img]:not([aria-label])').length"))
        .hasToString("0");
  }

  /** Pictures of the page at both widths, on which nothing may stick out. */
  private static void picture(Browser browser, String name) throws Exception {
    for (int width : List.of(1280, 400)) {
      browser.resize(width);
      Thread.sleep(500); // charts are drawn anew, Spark's navigation folds
      browser.screenshot(PICTURES.resolve(name + "-" + width + ".png"));
      assertThat(browser.evaluate("document.getElementById('fabric').scrollWidth").asInt())
          .isLessThanOrEqualTo(width);
    }
    browser.resize(1280);
  }

  private static void hostileRun(Browser browser, Consumer<SparkListenerEvent> bus, String ui)
      throws Exception {
    bus.accept(new RunStarted(HOSTILE_RUN, HOSTILE, System.currentTimeMillis(), 1));
    bus.accept(new RunEnded(HOSTILE_RUN, System.currentTimeMillis(), false, HOSTILE));
    browser.open(ui + "/fabric/");
    browser.awaitTrue("document.querySelectorAll('#fabric tbody tr').length === 2");
    assertThat(browser.evaluate("document.getElementById('fabric').textContent").asText())
        .contains(HOSTILE);
    picture(browser, "list");
    browser.open(ui + "/fabric/run/?id=" + HOSTILE_RUN);
    browser.awaitTrue("document.querySelector('.fabric-message') !== null");
    assertThat(browser.evaluate("document.getElementById('fabric').textContent").asText())
        .contains("No metrics logged yet", "The ranks have not started yet.");
    assertThat(browser.evaluate("typeof window.hacked").asText()).isEqualTo("undefined");
  }

  private void watchHistory(Browser browser, Path events, String application) throws Exception {
    String jar = System.getProperty("fabric.all.jar").replace("-all.jar", ".jar");
    try (HistoryServerProcess server =
        new HistoryServerProcess(events, folder.resolve("history.log"), List.of(jar))) {
      browser.open(server.await(application) + "fabric/");
      browser.awaitTrue("document.querySelectorAll('#fabric tbody tr').length === 2");
      browser.evaluate("[...document.querySelectorAll('#fabric a')].pop().click()");
      browser.awaitTrue("document.querySelector('.fabric-state.succeeded') !== null");
      browser.awaitTrue(POINTS + " > 3");
      assertShown(browser);
      picture(browser, "history");
      browser.open("about:blank");
    }
  }

  private void loadWithoutTheJar(Path events) throws Exception {
    String application = events.toFile().list()[0].replaceFirst("^eventlog_v2_", "");
    try (HistoryServerProcess server =
        new HistoryServerProcess(events, folder.resolve("plain.log"), List.of())) {
      String ui = server.await(application);
      assertThat(HistoryServerProcess.get(ui + "jobs/").body()).contains("Completed Jobs");
      assertThat(server.log()).contains("Drop unrecognized event: " + RunStarted.class.getName());
    }
  }
}
