package io.fabric4j.internal.nccl;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import io.fabric4j.FabricException;
import io.fabric4j.internal.NativeResources;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where NCCL comes from. The bindings ask for {@code libcudart.so.12} and {@code libnccl.so.2}; the
 * dynamic linker gives them a library of that name (SONAME) that has been loaded before, whatever
 * its file is called, and otherwise searches the system's paths.
 *
 * <p>CUDA runtime, so that a process has one if libtorch brings it:
 *
 * <ol>
 *   <li>{@code libcudart*.so.12} in the folder of DJL's CUDA libtorch; its SONAME is {@code
 *       libcudart.so.12} although its file name has a hash;
 *   <li>{@code libcudart.so.12} in the folder of the setting;
 *   <li>the system's.
 * </ol>
 *
 * <p>NCCL, which must be of one version on all ranks:
 *
 * <ol>
 *   <li>the setting {@value #SETTING}, an environment variable or system property: the file {@code
 *       libnccl.so.2} or its folder;
 *   <li>the copy that DJL's {@code libtorch_cuda.so} contains and exports: the extracted bindings
 *       are made to ask for that library;
 *   <li>the system's.
 * </ol>
 *
 * @param setting value of the setting, or null
 * @param torchFolder where DJL's libtorch lies
 * @param cudart file of the CUDA runtime, null to let the linker search
 * @param nccl file of NCCL, null if it is in libtorch or the linker has to search
 * @param insideTorch whether libtorch's copy is used
 */
record NcclNatives(String setting, Path torchFolder, Path cudart, Path nccl, boolean insideTorch) {
  static final String SETTING = "FABRIC4J_NCCL_PATH";

  private static final String CUDART = "libcudart.so.12";
  private static final String NCCL = "libnccl.so.2";
  private static final String TORCH = "libtorch_cuda.so";
  private static final String ARTIFACTS = "org.bytedeco:cuda";

  /** Symbols of a library opened otherwise would be seen by every library loaded later. */
  private static final Map<String, Object> RTLD_LAZY = Map.of(Library.OPTION_OPEN_FLAGS, 1);

  /**
   * Looks for the libraries.
   *
   * @throws FabricException if the setting names nothing that exists
   */
  static NcclNatives find(String setting, Path torchFolder) {
    Path cudart = cudartIn(torchFolder);
    if (setting == null) {
      return new NcclNatives(null, torchFolder, cudart, null, exportsNccl(torchFolder));
    }
    Path given = Path.of(setting).toAbsolutePath();
    Path nccl = Files.isDirectory(given) ? given.resolve(NCCL) : given;
    if (!Files.exists(nccl)) {
      throw new FabricException(
          SETTING
              + " is "
              + setting
              + ", but there is no "
              + nccl
              + ". Set it to the file "
              + NCCL
              + " or to its folder.");
    }
    Path beside = nccl.resolveSibling(CUDART);
    boolean needed = cudart == null && Files.exists(beside);
    return new NcclNatives(setting, torchFolder, needed ? beside : cudart, nccl, false);
  }

  private static Path cudartIn(Path torchFolder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(torchFolder, "libcudart*.so.12")) {
      for (Path file : files) {
        return file;
      }
      return null;
    } catch (IOException e) {
      throw new FabricException("Cannot list the folder of libtorch, " + torchFolder + ".", e);
    }
  }

  private static boolean exportsNccl(Path torchFolder) {
    Path library = torchFolder.resolve(TORCH);
    if (!Files.exists(library)) {
      return false;
    }
    try {
      NativeLibrary.getInstance(library.toString(), RTLD_LAZY)
          .getGlobalVariableAddress("ncclCommInitRankConfig");
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  /** Returns what to load, in order; the bindings are extracted below the folder. */
  List<Path> libraries(Path folder, String platform) throws IOException {
    List<Path> libraries = new ArrayList<>();
    if (cudart != null) {
      libraries.add(cudart);
    }
    if (nccl != null) {
      libraries.add(nccl);
    }
    String bindings = "org/bytedeco/cuda/" + platform + "/";
    Path own = folder.resolve(bindingsVersion());
    libraries.add(NativeResources.extract(own, bindings + "libjnicudart.so", ARTIFACTS));
    libraries.add(
        insideTorch
            ? NativeResources.extract(
                own.resolve("libtorch"),
                bindings + "libjninccl.so",
                ARTIFACTS,
                (in, out) ->
                    out.write(new ElfLibrary(in.readAllBytes()).replaceNeeded(NCCL, TORCH)))
            : NativeResources.extract(own, bindings + "libjninccl.so", ARTIFACTS));
    return libraries;
  }

  private static String bindingsVersion() {
    return NativeResources.mavenVersion("org.bytedeco", "cuda");
  }

  /** Returns what to tell if the libraries do not load. */
  FabricException failure(UnsatisfiedLinkError error) {
    return new FabricException(
        "Cannot load NCCL: "
            + error.getMessage()
            + ". "
            + CUDART
            + (cudart == null
                ? " was looked for in " + torchFolder + " and on the system's library path"
                : " is " + cudart)
            + "; "
            + NCCL
            + (insideTorch
                ? " is part of " + torchFolder.resolve(TORCH)
                : nccl != null
                    ? " is " + nccl
                    : " was looked for in "
                        + SETTING
                        + " (not set), in "
                        + TORCH
                        + " of "
                        + torchFolder
                        + ", and on the system's library path")
            + "; libcuda.so.1 comes with NVIDIA's driver. Use DJL's CUDA libtorch, for example"
            + " ai.djl.pytorch:pytorch-native-cu124, which contains both, or set "
            + SETTING
            + " to "
            + NCCL
            + " or its folder (pip package nvidia-nccl-cu12, Linux package libnccl2).",
        error);
  }
}
