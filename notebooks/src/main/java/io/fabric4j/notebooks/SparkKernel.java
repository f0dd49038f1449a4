package io.fabric4j.notebooks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;

/** A Jupyter kernel for Scala or Java with Spark, whose cells can be interrupted. */
public final class SparkKernel extends BaseKernel {
  private final Interpreter interpreter;
  private final SparkCells cells;
  private final Outbox outbox = new Outbox();

  /** Cells have a thread of their own: interrupting one must not end the channel it came from. */
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(run -> new CellThread(run, getIO().display, outbox));

  private volatile Future<DisplayData> running;

  private SparkKernel(Interpreter interpreter) {
    this.interpreter = interpreter;
    cells = new SparkCells(interpreter);
    setShouldReplaceStdStreams(false);
  }

  /** Not for the time of a cell only: Spark's log keeps the stream that it finds when it starts. */
  private void redirectOutput() {
    System.setOut(outbox.stream(getIO().out, System.out, getIO()::isAttached));
    System.setErr(outbox.stream(getIO().err, System.err, getIO()::isAttached));
  }

  /** Serves a connection until it is closed; takes {@code scala} or {@code java}, and its file. */
  public static void main(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    JupyterConnection connection =
        new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[1]))));
    SparkKernel kernel =
        new SparkKernel(args[0].equals("java") ? new JavaInterpreter() : new ScalaInterpreter());
    kernel.redirectOutput();
    kernel.becomeHandlerForConnection(connection);
    connection.connect();
    connection.waitUntilClose();
    System.exit(0); // Spark's threads would keep the process alive
  }

  @Override
  public DisplayData eval(String code) {
    Future<DisplayData> cell =
        thread.submit(() -> cells.run(code).map(DisplayData::new).orElse(null));
    running = cell;
    try {
      return result(cell);
    } catch (InterruptedException e) {
      throw new CellException("The kernel ends.");
    }
  }

  private DisplayData result(Future<DisplayData> cell) throws InterruptedException {
    try {
      return cell.get();
    } catch (CancellationException e) {
      throw new CellException("Interrupted.");
    } catch (ExecutionException e) {
      throw new CellException(
          e.getCause() instanceof CellException told ? told.getMessage() : e.getCause().toString());
    } finally {
      System.out.flush();
      System.err.flush();
      outbox.drain();
    }
  }

  @Override
  public void interrupt() {
    Future<DisplayData> cell = running;
    if (cell != null && cell.cancel(true)) {
      cells.cancel();
    }
  }

  @Override
  public void onShutdown(boolean restart) {
    cells.stop();
  }

  @Override
  public List<String> formatError(Throwable error) {
    return error instanceof CellException
        ? error.getMessage().lines().toList()
        : super.formatError(error);
  }

  @Override
  public LanguageInfo getLanguageInfo() {
    return interpreter.language();
  }
}
