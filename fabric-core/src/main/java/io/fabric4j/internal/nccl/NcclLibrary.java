package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.nccl.ncclGetVersion;

import ai.djl.util.Utils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.fabric4j.FabricException;
import io.fabric4j.internal.LoadAttempt;
import io.fabric4j.internal.NativeBindings;
import io.fabric4j.internal.torch.TorchLibrary;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * Loads NCCL and JavaCPP's bindings to it, once per JVM and only when a CUDA rank asks for it.
 *
 * <p>NVLink multicast (NVLS) is switched off unless the environment says otherwise: where a
 * container lacks the rights for it, NCCL fails on the first large call.
 */
public final class NcclLibrary {
  /** Every class that would make JavaCPP load libraries of its own. */
  static final List<String> CLASSES =
      List.of(
          "org.bytedeco.cuda.cudart.CUevent_st",
          "org.bytedeco.cuda.cudart.CUstream_st",
          "org.bytedeco.cuda.global.cudart",
          "org.bytedeco.cuda.global.nccl",
          "org.bytedeco.cuda.nccl.ncclComm",
          "org.bytedeco.cuda.nccl.ncclConfig_t",
          "org.bytedeco.cuda.nccl.ncclUniqueId");

  /** The first one with non-blocking communicators. */
  private static final int MIN_VERSION = 21400;

  private NcclLibrary() {}

  /**
   * Loads the native libraries unless this JVM has them.
   *
   * @throws FabricException if one is missing, too old, or owned by another class loader
   */
  public static void load() {
    Holder.ATTEMPT.requireSuccess();
  }

  /** Returns the version as NCCL codes it: 22105 is 2.21.5. */
  static int version() {
    int[] version = new int[1];
    NcclStatus.check(ncclGetVersion(version), "ncclGetVersion");
    return version[0];
  }

  private static final class Holder {
    private static final LoadAttempt ATTEMPT = LoadAttempt.make(NcclLibrary::loadNatives);
  }

  private static void loadNatives() {
    setDefault("NCCL_NVLS_ENABLE", "0");
    NcclNatives natives =
        NcclNatives.find(Utils.getEnvOrSystemProperty(NcclNatives.SETTING), TorchLibrary.folder());
    new NativeBindings(
            "the bindings of NCCL",
            Utils.getEngineCacheDir("pytorch").resolve("fabric4j-nccl"),
            "org.bytedeco:cuda",
            CLASSES)
        .load(folder -> natives.libraries(folder, Loader.getPlatform()), natives::failure);
    requireVersion(version());
  }

  static void requireVersion(int version) {
    if (version < MIN_VERSION) {
      throw new FabricException(
          "NCCL "
              + NcclStatus.versionName(version)
              + " is too old: "
              + NcclStatus.versionName(MIN_VERSION)
              + " or later is needed. Set "
              + NcclNatives.SETTING
              + " to a newer libnccl.so.2 or its folder.");
    }
  }

  /** Sets a variable of the process, which Java cannot, unless the user has set it. */
  static void setDefault(String variable, String value) {
    Function setenv = NativeLibrary.getInstance("c").getFunction("setenv");
    setenv.invokeInt(new Object[] {variable, value, 0});
  }
}
