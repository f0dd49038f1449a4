package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.nccl.ncclAvg;
import static org.bytedeco.cuda.global.nccl.ncclBfloat16;
import static org.bytedeco.cuda.global.nccl.ncclFloat16;
import static org.bytedeco.cuda.global.nccl.ncclFloat32;
import static org.bytedeco.cuda.global.nccl.ncclFloat64;
import static org.bytedeco.cuda.global.nccl.ncclInt32;
import static org.bytedeco.cuda.global.nccl.ncclInt64;
import static org.bytedeco.cuda.global.nccl.ncclInt8;
import static org.bytedeco.cuda.global.nccl.ncclMax;
import static org.bytedeco.cuda.global.nccl.ncclMin;
import static org.bytedeco.cuda.global.nccl.ncclProd;
import static org.bytedeco.cuda.global.nccl.ncclSum;
import static org.bytedeco.cuda.global.nccl.ncclUint8;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ReduceOp;

/** NCCL's numbers of types and operations. */
final class NcclTypes {
  private NcclTypes() {}

  /** Booleans are bytes of 0 and 1, whose minimum and maximum are "all" and "any". */
  static int of(DataType type) {
    return switch (type) {
      case FLOAT32 -> ncclFloat32;
      case FLOAT64 -> ncclFloat64;
      case FLOAT16 -> ncclFloat16;
      case BFLOAT16 -> ncclBfloat16;
      case INT8 -> ncclInt8;
      case UINT8, BOOLEAN -> ncclUint8;
      case INT32 -> ncclInt32;
      case INT64 -> ncclInt64;
      default -> throw new IllegalArgumentException("NCCL has no type for " + type + ".");
    };
  }

  static int of(ReduceOp op) {
    return switch (op) {
      case SUM -> ncclSum;
      case PRODUCT -> ncclProd;
      case MIN -> ncclMin;
      case MAX -> ncclMax;
      case AVG -> ncclAvg;
    };
  }
}
