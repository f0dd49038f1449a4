package io.fabric4j.spark.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.launcher.JavaModuleOptions;

/** A JVM on the assembled SPARK_HOME: spark-submit, a master or a worker. */
public final class SparkProcess implements AutoCloseable {
  private static final Path SPARK_HOME = Path.of(System.getProperty("spark.home.dir"));

  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

  private final Process process;
  private final Path log;

  private SparkProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Runs the example; {@code arguments} are its own, {@code options} those of spark-submit. */
  static SparkProcess submit(Path log, String master, List<String> options, List<String> arguments)
      throws IOException {
    return submit(log, MnistTraining.class, master, options, arguments);
  }

  /** Runs a program of the all jar. */
  public static SparkProcess submit(
      Path log, Class<?> program, String master, List<String> options, List<String> arguments)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("--master", master));
    words.addAll(List.of("--conf", "spark.ui.enabled=false"));
    words.addAll(options);
    words.addAll(List.of("--class", program.getName()));
    words.add(System.getProperty("fabric.all.jar"));
    words.addAll(arguments);
    return start(log, "org.apache.spark.deploy.SparkSubmit", words);
  }

  static SparkProcess start(Path log, String mainClass, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.add("-cp");
    command.add(SPARK_HOME.resolve("conf") + ":" + SPARK_HOME.resolve("jars") + "/*");
    command.add(mainClass);
    command.addAll(arguments);
    return new SparkProcess(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        log);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the executors of a local cluster that run now. */
  List<ProcessHandle> executors() {
    return process
        .descendants()
        .filter(child -> child.info().commandLine().orElse("").contains(EXECUTOR))
        .toList();
  }

  /** Ends the driver as {@code kill -9} does, and leaves its executors. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Waits for the end and returns the exit code. */
  public int exitCode(int seconds) throws InterruptedException, IOException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError("Still running after " + seconds + " s:\n" + output());
    }
    return process.exitValue();
  }

  public String output() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
