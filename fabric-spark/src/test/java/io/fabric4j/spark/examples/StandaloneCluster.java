package io.fabric4j.spark.examples;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A standalone master with two workers of one core each, as processes of this machine. */
final class StandaloneCluster implements AutoCloseable {
  private final List<SparkProcess> processes = new ArrayList<>();
  private final String master;

  StandaloneCluster(Path folder) throws IOException, InterruptedException {
    int port = freePort();
    master = "spark://127.0.0.1:" + port;
    processes.add(
        SparkProcess.start(
            folder.resolve("master.log"),
            "org.apache.spark.deploy.master.Master",
            List.of("--host", "127.0.0.1", "--port", "" + port, "--webui-port", "0")));
    awaitPort(port);
    for (int worker = 0; worker < 2; worker++) {
      processes.add(
          SparkProcess.start(
              folder.resolve("worker-" + worker + ".log"),
              "org.apache.spark.deploy.worker.Worker",
              List.of(
                  "--host",
                  "127.0.0.1",
                  "--cores",
                  "1",
                  "--memory",
                  "2g",
                  "--webui-port",
                  "0",
                  "--work-dir",
                  folder.resolve("work-" + worker).toString(),
                  master)));
    }
  }

  private static void awaitPort(int port) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("The master does not listen on port " + port, e);
        }
        Thread.sleep(100);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  String master() {
    return master;
  }

  @Override
  public void close() {
    processes.forEach(SparkProcess::close);
  }
}
