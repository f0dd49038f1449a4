package io.fabric4j.internal.torch;

import ai.djl.util.Utils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/**
 * What the loaded libtorch can do with GPUs.
 *
 * @param folder where its libraries are
 * @param hasKernels whether it was built for CUDA
 * @param cudaMajor major version of the CUDA that it was built for, 0 if unknown
 * @param available whether it finds a GPU that it can use
 */
public record CudaBackend(String folder, boolean hasKernels, int cudaMajor, boolean available) {
  private static final Pattern FLAVOR = Pattern.compile("\\bcu(\\d\\d)\\d\\b");

  /** Loads libtorch unless this JVM has it, and looks. */
  public static CudaBackend loaded() {
    Path folder = TorchLibrary.folder();
    String flavor = Utils.getEnvOrSystemProperty("PYTORCH_FLAVOR", "");
    return new CudaBackend(
        folder.toString(),
        Files.exists(folder.resolve("libtorch_cuda.so")),
        cudaMajor(flavor.isEmpty() ? folder.getFileName().toString() : flavor),
        torch.cuda_is_available());
  }

  /** DJL names its folders and flavors after the CUDA version, {@code 2.5.1-cu124-linux-x86_64}. */
  static int cudaMajor(String name) {
    Matcher matcher = FLAVOR.matcher(name);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
