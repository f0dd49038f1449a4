package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.cudart.cudaGetErrorString;
import static org.bytedeco.cuda.global.nccl.ncclGetErrorString;
import static org.bytedeco.cuda.global.nccl.ncclInProgress;
import static org.bytedeco.cuda.global.nccl.ncclSuccess;

import io.fabric4j.FabricException;

/** Turns the results of native calls into exceptions. */
final class NcclStatus {
  private static final String HINT =
      " Run with the environment variable NCCL_DEBUG=INFO for NCCL's own account.";

  private NcclStatus() {}

  /** Accepts what has been done, or is being done by a non-blocking communicator. */
  static void check(int result, String call) {
    if (result != ncclSuccess && result != ncclInProgress) {
      throw new FabricException(
          call + " failed: " + ncclGetErrorString(result).getString() + "." + HINT);
    }
  }

  static void checkCuda(int error, String call) {
    if (error != 0) {
      throw new FabricException(
          call
              + " failed: "
              + cudaGetErrorString(error).getString()
              + " (CUDA error "
              + error
              + ").");
    }
  }

  /** Returns {@code 2.21.5} for 22105. */
  static String versionName(int version) {
    return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
  }
}
