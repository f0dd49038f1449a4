package io.fabric4j.spark.internal.ui;

import java.io.File;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Spark's History Server in a process of its own, with or without the project's jar. */
final class HistoryServerProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final String address;

  /**
   * Starts one.
   *
   * @param events folder of event logs
   * @param jars in addition to Spark's
   */
  HistoryServerProcess(Path events, Path log, List<String> jars) throws Exception {
    String home = System.getProperty("spark.home.dir");
    this.log = log;
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    address = "http://127.0.0.1:" + port;
    String classPath = home + "/conf" + File.pathSeparator + home + "/jars/*";
    for (String jar : jars) {
      classPath += File.pathSeparator + jar;
    }
    process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "@" + Path.of("src/build/spark-java-options.txt").toAbsolutePath(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dspark.history.fs.logDirectory=" + events.toUri(),
                "-Dspark.history.ui.port=" + port,
                "-cp",
                classPath,
                "org.apache.spark.deploy.history.HistoryServer")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /** Waits until it shows an application and returns the address of the application's UI. */
  String await(String application) throws Exception {
    String ui = address + "/history/" + application + "/";
    Browser.await("the History Server, " + log, 60, () -> status(ui + "jobs/") == 200);
    return ui;
  }

  /** Returns the status of an answer, 0 if there is none. */
  private static int status(String url) throws Exception {
    try {
      return get(url).statusCode();
    } catch (ConnectException e) {
      return 0;
    }
  }

  static HttpResponse<String> get(String url) throws Exception {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NORMAL)
        .build()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  String log() throws Exception {
    return Files.readString(log);
  }

  @Override
  public void close() throws Exception {
    process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
  }
}
