package io.fabric4j.notebooks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's Jupyter, as a process with this folder's kernels. */
final class JupyterProcess {
  private static final Path JUPYTER = Path.of("/usr/bin/jupyter");
  private static final Path OUTPUT = Path.of("target", "executed");

  private JupyterProcess() {}

  /** Returns whether notebooks can be executed, and says why if not. */
  static boolean isAvailable() {
    if (Files.isExecutable(JUPYTER) && Files.exists(Path.of("/usr/bin/jupyter-nbconvert"))) {
      return true;
    }
    System.out.println(
        "SKIPPED: no "
            + JUPYTER
            + " with nbconvert; apt-get install jupyter-notebook jupyter-nbconvert python3-ipykernel");
    return false;
  }

  /** Runs a program to its end and returns what it printed; fails the test with that, too. */
  static String run(Duration limit, List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    Files.createDirectories(OUTPUT);
    File log = Files.createTempFile(OUTPUT, "jupyter", ".log").toFile();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .put("JUPYTER_PATH", Path.of("src/build/jupyter").toAbsolutePath().toString());
    builder.environment().put("MASTER", "local[2]");
    builder
        .environment()
        .put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx2g");
    // A Python of somebody's own may come first on the path, without Jupyter.
    builder
        .environment()
        .put("PATH", "/usr/bin:/bin:" + Path.of(System.getProperty("java.home"), "bin"));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      String printed = Files.readString(log.toPath());
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError(
            command + (ended ? " failed:\n" : " did not end within " + limit + ":\n") + printed);
      }
      return printed;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
