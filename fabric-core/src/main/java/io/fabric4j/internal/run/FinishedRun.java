package io.fabric4j.internal.run;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.fabric4j.internal.distributed.ObjectCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code _finished}: a run has ended and what its function returned, if that is null or
 * made of the JDK's plain types. Other classes are not read from a file, since whoever can write it
 * could choose code to run.
 */
public final class FinishedRun {
  static final String FILE = "_finished";
  private static final Logger LOG = LoggerFactory.getLogger(FinishedRun.class);
  private static final Gson GSON = new Gson();
  private static final ObjectInputFilter PLAIN =
      ObjectInputFilter.Config.createFilter(
          "maxdepth=50;maxarray=100000000;java.lang.Boolean;java.lang.Character;java.lang.Number;"
              + "java.lang.Byte;java.lang.Short;java.lang.Integer;java.lang.Long;java.lang.Float;"
              + "java.lang.Double;java.lang.String;java.lang.Object;java.math.*;java.time.*;"
              + "java.util.*;!*");

  private final Object result;

  private FinishedRun(Object result) {
    this.result = result;
  }

  private record Contents(String result) {}

  /** Returns what the run's function returned. */
  public Object result() {
    return result;
  }

  static void write(RunFolder folder, Object result) throws IOException {
    String text = null;
    try {
      byte[] bytes = ObjectCodec.encode(result);
      decode(bytes);
      text = Base64.getEncoder().encodeToString(bytes);
    } catch (IllegalArgumentException | IOException | ClassNotFoundException e) {
      LOG.info(
          "The result of run {} is not made of plain Java types ({}): if the run is started again,"
              + " its function runs from the last checkpoint on.",
          folder,
          e.getMessage());
    }
    folder.write(FILE, GSON.toJson(new Contents(text)));
  }

  /** Returns the end of a run, if it has ended with a result that can be returned again. */
  public static Optional<FinishedRun> read(RunFolder folder) throws IOException {
    Optional<String> text = folder.read(FILE);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      Contents contents = GSON.fromJson(text.get(), Contents.class);
      return contents == null || contents.result == null
          ? Optional.empty()
          : Optional.of(new FinishedRun(decode(Base64.getDecoder().decode(contents.result))));
    } catch (JsonParseException
        | IllegalArgumentException
        | IOException
        | ClassNotFoundException e) {
      throw new IOException(
          "Cannot read the result of run %s in %s: %s. Delete that file to train on."
              .formatted(folder, folder.file(FILE), e),
          e);
    }
  }

  private static Object decode(byte[] bytes) throws IOException, ClassNotFoundException {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      in.setObjectInputFilter(PLAIN);
      return in.readObject();
    }
  }
}
