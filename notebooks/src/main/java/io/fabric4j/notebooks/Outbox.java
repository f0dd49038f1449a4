package io.fabric4j.notebooks;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Sends what cells print and show, in order, from a thread of its own: one that is interrupted, as
 * the ranks of a cancelled launch are, would break the connection to Jupyter while it sends.
 */
final class Outbox {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          run -> {
            Thread sender = new Thread(run, "outbox");
            sender.setDaemon(true);
            return sender;
          });

  /** Sends something later. */
  void send(Runnable message) {
    thread.execute(message);
  }

  /** Waits until all has been sent that was handed over before. */
  void drain() throws InterruptedException {
    Future<?> last = thread.submit(() -> {});
    try {
      last.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // it does nothing
    }
  }

  /**
   * Returns a stream whose lines go to another one, or to a second one while that is not attached.
   */
  PrintStream stream(PrintStream attached, PrintStream otherwise, Attachment attachment) {
    OutputStream lines =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void flush() {
            if (count > 0) {
              String text = toString(StandardCharsets.UTF_8);
              reset();
              send(() -> print(attachment.isAttached() ? attached : otherwise, text));
            }
          }
        };
    return new PrintStream(lines, true, StandardCharsets.UTF_8);
  }

  private static void print(PrintStream out, String text) {
    out.print(text);
    out.flush();
  }

  /** Whether a cell runs, which takes output. */
  @FunctionalInterface
  interface Attachment {
    boolean isAttached();
  }
}
