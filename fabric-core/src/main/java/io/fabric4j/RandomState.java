package io.fabric4j;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.TorchGenerator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of all ranks' libtorch generators, as bytes under {@code rng.<rank>} and, on GPUs,
 * {@code rng_cuda.<rank>}. Ranks that are threads of one process share a generator, so only ranks
 * with processes of their own resume exactly. States of another number of ranks or kind of device
 * are no error: new seeds are made from them, with a warning. Saving is a collective.
 */
final class RandomState implements Stateful {
  private static final Logger LOG = LoggerFactory.getLogger(RandomState.class);

  private final ProcessGroup group;
  private final NDManager manager;
  private final List<TorchGenerator> generators;
  private final Map<String, Object> arrays = new LinkedHashMap<>();

  /**
   * @param device of this rank
   * @param manager owner of the states, in CPU memory
   */
  RandomState(ProcessGroup group, Device device, NDManager manager) {
    this.group = group;
    this.manager = manager;
    generators = TorchGenerator.ofRank(device);
  }

  @Override
  public Map<String, Object> stateDict() {
    for (TorchGenerator generator : generators) {
      List<byte[]> states = group.allGatherObject(generator.state());
      for (int rank = 0; rank < states.size(); rank++) {
        put(name(generator, rank), states.get(rank));
      }
    }
    return new LinkedHashMap<>(arrays);
  }

  private void put(String name, byte[] state) {
    NDArray array =
        (NDArray)
            arrays.computeIfAbsent(
                name, key -> manager.create(new Shape(state.length), DataType.UINT8));
    try (FlatTensor flat = FlatTensor.of(array)) {
      flat.bytes(0, state.length).put(state);
    }
  }

  private static String name(TorchGenerator generator, int rank) {
    return generator.name() + "." + rank;
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    TorchGenerator cpu = generators.get(0);
    for (int rank = 0; rank < Math.max(1, worldSize(state)); rank++) {
      checkState(state, name(cpu, rank), cpu);
    }
    for (TorchGenerator generator : generators) {
      if (isSaved(state, generator)) {
        checkState(state, name(generator, group.rank()), generator);
      }
    }
  }

  private static void checkState(Map<String, Object> state, String name, TorchGenerator generator) {
    if (!(state.get(name) instanceof NDArray array)
        || array.getDataType() != DataType.UINT8
        || array.size() != generator.state().length) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: "
              + name
              + " is "
              + state.get(name)
              + ", but has to be the bytes of a generator of this version of PyTorch. Load it"
              + " without the random state.");
    }
  }

  private int worldSize(Map<String, Object> state) {
    String prefix = generators.get(0).name() + ".";
    return (int) state.keySet().stream().filter(name -> name.startsWith(prefix)).count();
  }

  /** Returns whether the state has as many generators as these ranks, and this rank's. */
  private boolean isOfThisDevice(Map<String, Object> state) {
    return state.size() == group.size() * generators.size()
        && generators.stream().allMatch(generator -> isSaved(state, generator));
  }

  private boolean isSaved(Map<String, Object> state, TorchGenerator generator) {
    return state.containsKey(name(generator, group.rank()));
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    if (worldSize(state) == group.size() && isOfThisDevice(state)) {
      generators.forEach(g -> g.restore(bytes(state, name(g, group.rank()))));
      return;
    }
    LOG.warn(
        "The random state was saved by {} ranks and is loaded by {}{}: each rank seeds its"
            + " generators from rank 0's, so the resumed run is not exact.",
        worldSize(state),
        group.size(),
        worldSize(state) == group.size() ? " on another kind of device" : "");
    byte[] first = bytes(state, name(generators.get(0), 0));
    TorchGenerator.seed((Arrays.hashCode(first) & 0xFFFFFFFFL) + group.rank());
  }

  private static byte[] bytes(Map<String, Object> state, String name) {
    try (FlatTensor array = FlatTensor.of((NDArray) state.get(name));
        FlatTensor flat = array.toHost()) {
      byte[] bytes = new byte[Math.toIntExact(flat.length())];
      flat.bytes(0, bytes.length).get(bytes);
      return bytes;
    }
  }
}
