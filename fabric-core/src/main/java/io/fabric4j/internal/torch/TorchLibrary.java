package io.fabric4j.internal.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.Utils;
import io.fabric4j.FabricException;
import io.fabric4j.internal.HostLock;
import io.fabric4j.internal.LoadAttempt;
import io.fabric4j.internal.NativeBindings;
import io.fabric4j.internal.NativeResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;

/**
 * Loads libtorch once per JVM: DJL's copy first, then JavaCPP's two JNI libraries bound to it.
 *
 * <p>JavaCPP would load its own libtorch when one of its classes is initialised. Therefore the
 * classes that the bridge uses are initialised here, with JavaCPP's loader switched off.
 */
public final class TorchLibrary {

  /** PyTorch version of DJL's native library to the JavaCPP bindings built for it. */
  static final Map<String, String> SUPPORTED =
      Map.of("2.7.1", "2.7.1-1.5.12", "2.5.1", "2.5.1-1.5.11");

  /** Every JavaCPP class the bridge touches. */
  static final List<String> CLASSES =
      List.of(
          "org.bytedeco.javacpp.Pointer",
          "org.bytedeco.javacpp.BytePointer",
          "org.bytedeco.javacpp.LongPointer",
          "org.bytedeco.javacpp.PointerScope",
          "org.bytedeco.pytorch.BoolOptional",
          "org.bytedeco.pytorch.CompilationUnit",
          "org.bytedeco.pytorch.Context",
          "org.bytedeco.pytorch.Device",
          "org.bytedeco.pytorch.DeviceOptional",
          "org.bytedeco.pytorch.Dispatcher",
          "org.bytedeco.pytorch.DoubleOptional",
          "org.bytedeco.pytorch.Function",
          "org.bytedeco.pytorch.Generator",
          "org.bytedeco.pytorch.IValue",
          "org.bytedeco.pytorch.IValueVector",
          "org.bytedeco.pytorch.LayoutOptional",
          "org.bytedeco.pytorch.LongArrayRef",
          "org.bytedeco.pytorch.LongOptional",
          "org.bytedeco.pytorch.MemoryFormatOptional",
          "org.bytedeco.pytorch.OperatorHandle",
          "org.bytedeco.pytorch.QualifiedName",
          "org.bytedeco.pytorch.Scalar",
          "org.bytedeco.pytorch.ScalarOptional",
          "org.bytedeco.pytorch.ScalarTypeOptional",
          "org.bytedeco.pytorch.Storage",
          "org.bytedeco.pytorch.StringViewOptional",
          "org.bytedeco.pytorch.Tensor",
          "org.bytedeco.pytorch.TensorBase",
          "org.bytedeco.pytorch.TensorOptional",
          "org.bytedeco.pytorch.TensorTensorHook",
          "org.bytedeco.pytorch.VoidTensorHook",
          "org.bytedeco.pytorch.global.torch");

  /** For half a gigabyte; afterwards a process extracts for itself. */
  private static final Duration EXTRACTION_LIMIT = Duration.ofMinutes(1);

  private TorchLibrary() {}

  /**
   * Loads the native libraries unless this JVM has them.
   *
   * @throws FabricException if the platform has no natives, the versions do not belong together, or
   *     another class loader of this JVM owns the libraries
   */
  public static void load() {
    Holder.ATTEMPT.requireSuccess();
  }

  /** Returns where DJL's native libraries lie. */
  public static Path folder() {
    load();
    return Path.of(LibUtils.getLibtorchPath());
  }

  private static final class Holder {
    private static final LoadAttempt ATTEMPT = LoadAttempt.make(TorchLibrary::loadNatives);
  }

  private static void loadNatives() {
    String version = NativeResources.mavenVersion("org.bytedeco", "pytorch");
    Path folder = Utils.getEngineCacheDir("pytorch").resolve("fabric4j-" + version);
    Path last = folder.resolve("libjnitorch.so");
    try (HostLock lock =
        HostLock.acquire(folder.resolve("lock"), () -> Files.exists(last), EXTRACTION_LIMIT)) {
      loadNatives(version, folder);
    }
  }

  private static void loadNatives(String version, Path cache) {
    checkVersions(loadEngine(), version);
    NativeBindings bindings =
        new NativeBindings(
            "the PyTorch bindings",
            cache,
            "org.bytedeco:pytorch:" + version + " and its javacpp",
            CLASSES);
    String platform = Loader.getPlatform();
    bindings.load(
        folder ->
            List.of(
                extract(folder, "org/bytedeco/javacpp/" + platform + "/libjnijavacpp.so"),
                extract(folder, "org/bytedeco/pytorch/" + platform + "/libjnitorch.so")),
        e -> unsupported(e, bindings.name()));
  }

  private static String loadEngine() {
    try {
      return engineVersion();
    } catch (EngineException | UnsatisfiedLinkError e) {
      if (!providesJniLibrary(e)) {
        throw linkFailure(e, "DJL's PyTorch engine");
      }
    }
    try {
      return engineVersion();
    } catch (EngineException | UnsatisfiedLinkError e) {
      throw linkFailure(e, "DJL's PyTorch engine");
    }
  }

  private static String engineVersion() {
    return Engine.getEngine("PyTorch").getVersion();
  }

  private static boolean providesJniLibrary(Throwable failure) {
    try {
      return JniLibrary.provide();
    } catch (IOException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  static FabricException linkFailure(Throwable e, String library) {
    return NativeResources.ownedByAnotherLoader(e, library)
        .orElseGet(() -> unsupported(e, library));
  }

  private static FabricException unsupported(Throwable e, String library) {
    return new FabricException(
        "Cannot load "
            + library
            + " on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ": "
            + e.getMessage()
            + ". Natives are supported for linux-x86_64; add"
            + " ai.djl.pytorch:pytorch-native-cpu with that classifier, or pytorch-native-cu* for"
            + " NVIDIA GPUs, or use fabric-spark's *-all.jar."
            + folderAdvice(
                Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH"),
                Utils.getEnvOrSystemProperty("PYTORCH_VERSION"),
                Utils.getEnvOrSystemProperty("PYTORCH_FLAVOR")),
        e);
  }

  /** DJL takes the settings' word for what lies in a folder. */
  static String folderAdvice(String folder, String version, String flavor) {
    return folder == null
        ? ""
        : " libtorch is taken from PYTORCH_LIBRARY_PATH="
            + folder
            + ": set PYTORCH_VERSION and PYTORCH_FLAVOR to what lies there (now "
            + version
            + " and "
            + flavor
            + "), for example 2.5.1 and cu124.";
  }

  static void checkVersions(String pytorch, String bindings) {
    if (!bindings.equals(SUPPORTED.get(pytorch))) {
      throw new FabricException(
          "PyTorch "
              + pytorch
              + " (DJL's native library) and the bindings org.bytedeco:pytorch:"
              + bindings
              + " do not belong together. Supported pairs: "
              + SUPPORTED
              + ". Change one of the two versions.");
    }
  }

  static Path extract(Path folder, String resource) throws IOException {
    return NativeResources.extract(
        folder, resource, "org.bytedeco:pytorch and org.bytedeco:javacpp");
  }
}
