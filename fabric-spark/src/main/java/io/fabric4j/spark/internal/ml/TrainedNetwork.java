package io.fabric4j.spark.internal.ml;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import io.fabric4j.internal.checkpoint.CommitGuard;
import io.fabric4j.internal.checkpoint.StateFile;
import io.fabric4j.internal.checkpoint.StateSnapshot;
import io.fabric4j.internal.precision.ModuleTypes;
import io.fabric4j.internal.precision.ModuleTypes.InitialValues;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.precision.Precision;
import io.fabric4j.spark.ml.Network;
import io.fabric4j.spark.ml.NetworkSignature;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * A network with its weights, in heap memory. Rank 0 makes it; it goes to the driver, and from
 * there to wherever it is applied.
 */
public final class TrainedNetwork implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String id;
  private final Network network;
  private final NetworkSignature signature;
  private final byte[] weights;

  /**
   * Takes over weights, which nobody may change afterwards.
   *
   * @param id differs between any two fits
   * @param weights a file in safetensors layout, as {@link io.fabric4j.Fabric#saveRaw} writes it
   */
  public TrainedNetwork(String id, Network network, NetworkSignature signature, byte[] weights) {
    this.id = Objects.requireNonNull(id, "id is null");
    this.network = Objects.requireNonNull(network, "network is null");
    this.signature = Objects.requireNonNull(signature, "signature is null");
    this.weights = Objects.requireNonNull(weights, "weights is null");
  }

  /** Returns what differs between any two fits. */
  public String id() {
    return id;
  }

  public Network network() {
    return network;
  }

  public NetworkSignature signature() {
    return signature;
  }

  /** Returns the weights themselves, not a copy. */
  public byte[] weights() {
    return weights;
  }

  /**
   * Returns the parameters of a block as a file.
   *
   * @param state arrays by the parameter's name
   */
  public static byte[] weightsOf(Map<String, Object> state) {
    MemoryFile file = new MemoryFile(null);
    try (StateSnapshot snapshot = StateSnapshot.of(state)) {
      snapshot.write(file, MemoryFile.PATH, CommitGuard.NONE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.bytes();
  }

  /**
   * Creates the block with its weights, in float32, without gradients.
   *
   * @param owner of the block's memory; its device is the block's
   * @throws IllegalStateException if the weights are not those of this network
   */
  public Block newBlock(NDManager owner) {
    Block block = network.newBlock(owner, signature);
    if (!block.isInitialized()) {
      ModuleTypes.initModule(
          block, Precision.TRUE_32, InitialValues.EMPTY, owner, signature.inputShapes(1));
    }
    try (NDManager scratch = owner.newSubManager(Device.cpu());
        GradMode mode = GradMode.disabled()) {
      copyInto(block, StateFile.read(new MemoryFile(weights), MemoryFile.PATH, scratch));
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read the weights of a model: " + e.getMessage(), e);
    }
    return block;
  }

  private static void copyInto(Block block, Map<String, Object> state) {
    TreeSet<String> missing = new TreeSet<>();
    for (Pair<String, Parameter> pair : block.getParameters()) {
      Parameter parameter = pair.getValue();
      parameter.freeze(true);
      NDArray target = parameter.getArray();
      if (state.remove(pair.getKey()) instanceof NDArray source
          && source.getShape().equals(target.getShape())) {
        FlatTensor.copy(target, source);
      } else {
        missing.add(pair.getKey() + target.getShape());
      }
    }
    if (!missing.isEmpty() || !state.isEmpty()) {
      throw new IllegalStateException(
          "The weights do not fit the network: it lacks "
              + missing
              + ", and has no place for "
              + state.keySet()
              + ". If the network comes from a factory, it has to make the same block as in fit.");
    }
  }
}
