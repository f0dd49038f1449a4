package io.fabric4j.internal.run;

import io.fabric4j.FabricException;
import io.fabric4j.RunWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's right to write to a run. The file {@code _owner} names who holds it; that of a
 * later claim replaces it, and the former owner finds out before it publishes anything. An owner
 * shows that it is alive by changing {@code _heartbeat.a<attempt>}, which it deletes in the end.
 */
public final class RunOwner implements AutoCloseable {
  static final String FILE = "_owner";
  private static final String HEARTBEAT = "_heartbeat.a";
  private static final Logger LOG = LoggerFactory.getLogger(RunOwner.class);

  private final RunFolder folder;
  private final OwnerRecord self;
  private final Heartbeat heartbeat;

  private RunOwner(RunFolder folder, OwnerRecord self, Duration timeout) throws IOException {
    this.folder = folder;
    this.self = self;
    heartbeat = new Heartbeat(folder, HEARTBEAT + self.attempt(), timeout, this::check);
  }

  /**
   * Takes the run over: at once if it has no live owner or one that the writer supersedes, else
   * after an owner of another application has been silent for a time.
   *
   * @param host where the writer runs, for messages
   * @throws FabricException if the run has a live owner, which the message names
   */
  public static RunOwner claim(RunFolder folder, RunWriter writer, String host, Duration timeout)
      throws IOException {
    Optional<OwnerRecord> before = OwnerRecord.read(folder);
    if (before.isPresent()) {
      awaitEnd(folder, before.get(), writer, timeout);
    }
    OwnerRecord self = OwnerRecord.of(writer, host, nextAttempt(folder, before));
    RunOwner owner = new RunOwner(folder, self, timeout);
    try {
      self.write(folder);
      owner.check();
      if (before.isPresent()) {
        folder.delete(HEARTBEAT + before.get().attempt());
      }
      folder.io().deletePending(folder.toString());
      return owner;
    } catch (IOException | RuntimeException e) {
      owner.close();
      throw e;
    }
  }

  private static int nextAttempt(RunFolder folder, Optional<OwnerRecord> before)
      throws IOException {
    List<CheckpointName> names = folder.checkpoints();
    int written = names.isEmpty() ? -1 : names.get(0).attempt();
    return 1 + Math.max(written, before.map(OwnerRecord::attempt).orElse(-1));
  }

  private static void awaitEnd(
      RunFolder folder, OwnerRecord before, RunWriter writer, Duration timeout) throws IOException {
    if (writer.supersedes(before.writer())) {
      return;
    }
    if (writer.isOfApplication(before.writer())) {
      throw new FabricException(
          "Cannot write to run %s as %s: it belongs to the later %s. This rank has to end."
              .formatted(folder, writer, before));
    }
    if (!Heartbeat.isSilent(folder, HEARTBEAT + before.attempt(), timeout)) {
      throw new FabricException(
          ("Cannot write to run %s: it belongs to %s, which is alive. Stop that application, or"
                  + " choose another run id.")
              .formatted(folder, before));
    }
    LOG.warn("Run {} is taken over from {}, which is silent.", folder, before);
  }

  /** Returns which claim this is, from 0. */
  public int attempt() {
    return self.attempt();
  }

  /**
   * Fails if another writer has taken the run over.
   *
   * @throws FabricException then; it names the new owner
   */
  void check() throws IOException {
    Optional<OwnerRecord> owner = OwnerRecord.read(folder);
    if (owner.isEmpty() || !owner.get().claim().equals(self.claim())) {
      throw new FabricException(
          "%s no longer owns run %s: %s. Nothing more is written here, and this rank has to end."
              .formatted(
                  self,
                  folder,
                  owner
                      .map(other -> other + " has taken it over")
                      .orElse("its file " + FILE + " has been deleted")));
    }
  }

  /**
   * Fails if the last heartbeat found that another writer has taken the run over.
   *
   * @throws FabricException then
   */
  public void throwIfLost() {
    FabricException loss = heartbeat.loss();
    if (loss != null) {
      throw loss;
    }
  }

  /** Gives the run up, so that the next writer need not wait. */
  @Override
  public void close() throws IOException {
    heartbeat.close();
  }
}
