package io.fabric4j.internal.torch;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.fabric4j.FabricException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Functions of libtorch's libraries that the bindings lack, called by their linker names with DJL's
 * JNA. A C++ exception must not leave them: it would end the process.
 */
final class NativeFunctions {
  private final NativeLibrary library;

  private NativeFunctions(NativeLibrary library) {
    this.library = library;
  }

  /**
   * Returns the functions of one library.
   *
   * @param name the file's name or, where builds add a hash to it, how it begins
   */
  static NativeFunctions of(String name) {
    Path folder = TorchLibrary.folder();
    try (Stream<Path> files = Files.list(folder)) {
      Path file =
          files
              .filter(path -> path.getFileName().toString().startsWith(name))
              .findFirst()
              .orElseThrow(() -> missing(name, folder));
      return new NativeFunctions(NativeLibrary.getInstance(file.toString()));
    } catch (IOException e) {
      throw new FabricException("Cannot list libtorch's folder " + folder + ": " + e, e);
    }
  }

  private static FabricException missing(String name, Path folder) {
    return new FabricException(
        "libtorch's folder "
            + folder
            + " has no "
            + name
            + ". Use DJL's complete native library of this PyTorch version.");
  }

  Function find(String linkerName) {
    return library.getFunction(linkerName);
  }
}
