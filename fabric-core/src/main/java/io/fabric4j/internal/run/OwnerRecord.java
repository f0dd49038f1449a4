package io.fabric4j.internal.run;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.fabric4j.RunWriter;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/**
 * What the file {@code _owner} says.
 *
 * @param attempt how many claims came before; part of the names of the owner's checkpoints
 * @param claim different for each claim, so that two with the same number are told apart
 */
record OwnerRecord(
    String application, long launch, int launchAttempt, String host, int attempt, String claim) {
  private static final Gson GSON = new Gson();

  static OwnerRecord of(RunWriter writer, String host, int attempt) {
    return new OwnerRecord(
        writer.application(),
        writer.launch(),
        writer.attempt(),
        host,
        attempt,
        UUID.randomUUID().toString());
  }

  static Optional<OwnerRecord> read(RunFolder folder) throws IOException {
    Optional<String> text = folder.read(RunOwner.FILE);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      OwnerRecord owner = GSON.fromJson(text.get(), OwnerRecord.class);
      if (owner != null && owner.application != null && owner.claim != null) {
        return Optional.of(owner);
      }
    } catch (JsonParseException e) {
      // Reported below.
    }
    throw new IOException(
        "Cannot tell who owns run %s: %s is no owner file. If nobody trains it, delete that file."
            .formatted(folder, folder.file(RunOwner.FILE)));
  }

  void write(RunFolder folder) throws IOException {
    folder.write(RunOwner.FILE, GSON.toJson(this));
  }

  RunWriter writer() {
    return new RunWriter(application, launch, launchAttempt);
  }

  @Override
  public String toString() {
    return writer() + " on " + host;
  }
}
