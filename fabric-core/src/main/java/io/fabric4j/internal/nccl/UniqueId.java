package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.nccl.NCCL_UNIQUE_ID_BYTES;
import static org.bytedeco.cuda.global.nccl.ncclGetUniqueId;

import java.io.Serializable;
import org.bytedeco.cuda.nccl.ncclUniqueId;
import org.bytedeco.javacpp.BytePointer;

/** What the ranks of a new communicator find each other by: NCCL's own address of rank 0. */
record UniqueId(byte[] bytes) implements Serializable {

  static UniqueId create() {
    ncclUniqueId id = new ncclUniqueId();
    NcclStatus.check(ncclGetUniqueId(id), "ncclGetUniqueId");
    byte[] bytes = new byte[NCCL_UNIQUE_ID_BYTES];
    new BytePointer(id).capacity(bytes.length).get(bytes);
    return new UniqueId(bytes);
  }

  ncclUniqueId toNative() {
    ncclUniqueId id = new ncclUniqueId();
    new BytePointer(id).capacity(bytes.length).put(bytes);
    return id;
  }
}
