package io.fabric4j.internal.torch;

import ai.djl.util.Platform;
import ai.djl.util.Utils;
import io.fabric4j.internal.NativeResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * DJL's JNI library, of an older DJL release than its Java classes.
 *
 * <p>DJL takes the library from the class path only if both are of one release, and otherwise
 * downloads it. PyTorch 2.5.1, the newest whose CUDA build is on Maven Central, has a JNI library
 * there of DJL 0.32.0 only. It lacks nothing that Fabric calls.
 */
final class JniLibrary {
  private static final String NAME = "libdjl_torch.so";

  /** Where DJL looks first, and what the class path has to hold for it. */
  record Place(String version, String flavor, String classifier, String api) {
    Path file(Path cache) {
      return cache.resolve(version + "-" + flavor + "-" + classifier).resolve(api + "-" + NAME);
    }

    String resource() {
      return "jnilib/" + classifier + "/" + flavor + "/" + NAME;
    }

    /**
     * Whether a library of that version, such as {@code 2.5.1-0.32.0}, was built for this PyTorch.
     */
    boolean accepts(String jniVersion) {
      return jniVersion.startsWith(version.split("-", 2)[0] + "-");
    }
  }

  private JniLibrary() {}

  /**
   * Copies the class path's library to where DJL finds it, after DJL has failed to find one.
   *
   * @return whether DJL can be asked again
   */
  static boolean provide() throws IOException {
    Place place = place(Platform.detectPlatform("pytorch"));
    Path file = place.file(Utils.getEngineCacheDir("pytorch"));
    String properties = "jnilib/pytorch.properties";
    if (Files.exists(file)
        || !NativeResources.exists(properties)
        || !NativeResources.exists(place.resource())
        || !place.accepts(NativeResources.properties(properties).getProperty("jni_version"))) {
      return false;
    }
    NativeResources.copy(place.resource(), file);
    return true;
  }

  /** The platform, with what the user says of the folder in PYTORCH_LIBRARY_PATH. */
  private static Place place(Platform platform) {
    boolean named = Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH") != null;
    return new Place(
        named ? setting("PYTORCH_VERSION", platform.getVersion()) : platform.getVersion(),
        named ? setting("PYTORCH_FLAVOR", platform.getFlavor()) : platform.getFlavor(),
        platform.getClassifier(),
        platform.getApiVersion());
  }

  private static String setting(String name, String otherwise) {
    String value = Utils.getEnvOrSystemProperty(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
