package io.fabric4j.internal;

import io.fabric4j.FabricException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * JavaCPP's bindings to a library that it is not to load itself.
 *
 * @param name for messages: {@code the PyTorch bindings}
 * @param folder where their JNI libraries are extracted to
 * @param artifacts Maven names of what the class path needs
 * @param classes every class that would make JavaCPP load libraries of its own
 */
public record NativeBindings(String name, Path folder, String artifacts, List<String> classes) {

  /** Brings libraries to files. */
  @FunctionalInterface
  public interface Extraction {
    /** Returns what to load, in order. */
    List<Path> extractTo(Path folder) throws IOException;
  }

  /**
   * Loads libraries, and initialises the classes while JavaCPP's own loader is off.
   *
   * @param unlinked tells why a library does not load
   * @throws FabricException if anything is missing, or does not fit
   */
  public void load(
      Extraction extraction, Function<UnsatisfiedLinkError, FabricException> unlinked) {
    try (TemporaryProperties properties = new TemporaryProperties()) {
      properties.set("org.bytedeco.javacpp.loadlibraries", "false");
      properties.set("org.bytedeco.javacpp.maxbytes", "0");
      properties.set("org.bytedeco.javacpp.maxphysicalbytes", "0");
      for (Path library : extraction.extractTo(folder)) {
        System.load(library.toString());
      }
      for (String className : classes) {
        Class.forName(className, true, NativeBindings.class.getClassLoader());
      }
    } catch (FabricException e) {
      throw e;
    } catch (UnsatisfiedLinkError e) {
      throw NativeResources.ownedByAnotherLoader(e, name).orElseGet(() -> unlinked.apply(e));
    } catch (IOException e) {
      throw new FabricException(
          "Cannot extract "
              + name
              + " to "
              + folder
              + ": "
              + e
              + ". Set DJL_CACHE_DIR to a folder that this process may write to.",
          e);
    } catch (ClassNotFoundException e) {
      throw new FabricException(
          "The class path lacks " + e.getMessage() + ". Add " + artifacts + ".", e);
    } catch (RuntimeException | LinkageError e) {
      throw new FabricException(
          "Cannot load "
              + name
              + ": "
              + e
              + ". What is on the class path is not "
              + artifacts
              + " as published.",
          e);
    }
  }
}
