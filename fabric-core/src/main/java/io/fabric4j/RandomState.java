package io.fabric4j;

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
 * The states of all ranks' libtorch generators, as bytes under {@code rng.<rank>}. Ranks that are
 * threads of one process share a generator, so only ranks with processes of their own resume
 * exactly. Saving is a collective.
 */
final class RandomState implements Stateful {
  private static final Logger LOG = LoggerFactory.getLogger(RandomState.class);

  private final ProcessGroup group;
  private final NDManager manager;
  private final Map<String, Object> arrays = new LinkedHashMap<>();

  RandomState(ProcessGroup group, NDManager manager) {
    this.group = group;
    this.manager = manager;
  }

  @Override
  public Map<String, Object> stateDict() {
    List<byte[]> states = group.allGatherObject(TorchGenerator.state());
    for (int rank = 0; rank < states.size(); rank++) {
      byte[] state = states.get(rank);
      NDArray array =
          (NDArray)
              arrays.computeIfAbsent(
                  name(rank), key -> manager.create(new Shape(state.length), DataType.UINT8));
      try (FlatTensor flat = FlatTensor.of(array)) {
        flat.bytes(0, state.length).put(state);
      }
    }
    return new LinkedHashMap<>(arrays);
  }

  private static String name(int rank) {
    return "rng." + rank;
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    for (int rank = 0; rank < Math.max(1, state.size()); rank++) {
      if (!(state.get(name(rank)) instanceof NDArray array)
          || array.getDataType() != DataType.UINT8
          || array.size() != TorchGenerator.state().length) {
        throw new IllegalArgumentException(
            "The checkpoint does not fit: "
                + name(rank)
                + " is "
                + state.get(name(rank))
                + ", but has to be the bytes of a generator of this version of PyTorch. Load it"
                + " without the random state.");
      }
    }
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    if (state.size() == group.size()) {
      TorchGenerator.restore(bytes(state, group.rank()));
      return;
    }
    byte[] first = bytes(state, 0);
    LOG.warn(
        "The random state was saved by {} ranks and is loaded by {}: each rank seeds its generator"
            + " from rank 0's, so the resumed run is not exact.",
        state.size(),
        group.size());
    TorchGenerator.seed((Arrays.hashCode(first) & 0xFFFFFFFFL) + group.rank());
  }

  private static byte[] bytes(Map<String, Object> state, int rank) {
    try (FlatTensor flat = FlatTensor.of((NDArray) state.get(name(rank)))) {
      byte[] bytes = new byte[Math.toIntExact(flat.length())];
      flat.bytes(0, bytes.length).get(bytes);
      return bytes;
    }
  }
}
