package io.fabric4j.internal.nccl;

import static org.bytedeco.cuda.global.nccl.ncclGetVersion;

import ai.djl.util.Utils;
import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.fabric4j.FabricException;
import io.fabric4j.internal.NativeResources;
import io.fabric4j.internal.TemporaryProperties;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.nio.file.Path;
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
    Holder.check();
  }

  /** Returns the version as NCCL codes it: 22105 is 2.21.5. */
  static int version() {
    int[] version = new int[1];
    NcclStatus.check(ncclGetVersion(version), "ncclGetVersion");
    return version[0];
  }

  private static final class Holder {
    /** Kept as the cause of each later failure: the first attempt's stack tells most. */
    @SuppressWarnings("StaticAssignmentOfThrowable")
    private static final FabricException FAILURE = attempt();

    private static FabricException attempt() {
      try {
        loadNatives(
            NcclNatives.find(
                Utils.getEnvOrSystemProperty(NcclNatives.SETTING), TorchLibrary.folder()));
        return null;
      } catch (FabricException e) {
        return e;
      }
    }

    static void check() {
      if (FAILURE != null) {
        throw new FabricException(FAILURE.getMessage(), FAILURE);
      }
    }
  }

  private static void loadNatives(NcclNatives natives) {
    setDefault("NCCL_NVLS_ENABLE", "0");
    Path folder = Utils.getEngineCacheDir("pytorch").resolve("fabric4j-nccl");
    try (TemporaryProperties properties = new TemporaryProperties()) {
      properties.set("org.bytedeco.javacpp.loadlibraries", "false");
      for (Path library : natives.libraries(folder, Loader.getPlatform())) {
        System.load(library.toString());
      }
      for (String name : CLASSES) {
        Class.forName(name, true, NcclLibrary.class.getClassLoader());
      }
    } catch (UnsatisfiedLinkError e) {
      throw NativeResources.ownedByAnotherLoader(e, "the bindings of NCCL")
          .orElseGet(() -> natives.failure(e));
    } catch (IOException e) {
      throw new FabricException(
          "Cannot extract the NCCL bindings to "
              + folder
              + ": "
              + e
              + ". Set DJL_CACHE_DIR to a folder that this process may write to.",
          e);
    } catch (ClassNotFoundException e) {
      throw new FabricException(
          "The class path lacks " + e.getMessage() + ". Add org.bytedeco:cuda.", e);
    }
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
