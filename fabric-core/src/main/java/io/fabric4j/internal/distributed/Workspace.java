package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;
import java.util.Optional;

/**
 * What the ranks of a host need to work in shared memory.
 *
 * @param page where they wait for each other
 * @param staging twice a chunk of each
 */
record Workspace(ControlPage page, SharedSegment staging) {

  /** Returns memory that all ranks of the team map, or nothing if one of them lacks the room. */
  static Optional<Workspace> shared(PendingCall pending, SharedMemory memory, int chunkBytes) {
    return memory
        .createControlPage(pending)
        .flatMap(
            page ->
                memory
                    .createSegment(pending, 2L * chunkBytes)
                    .map(staging -> new Workspace(page, staging)));
  }

  /** Returns the memory of a rank without neighbours. */
  static Workspace alone(int chunkBytes) {
    FlatTensor bytes = FlatTensor.zeros(DataType.UINT8, 2L * chunkBytes);
    return new Workspace(ControlPage.alone(), new SharedSegment(List.of(bytes), 0));
  }
}
