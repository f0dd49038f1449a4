package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.internal.TemporaryProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchLibraryTest {

  @Test
  void loadsMoreThanOnce() {
    TorchLibrary.load();
    TorchLibrary.load();
    assertThat(System.getProperty("org.bytedeco.javacpp.loadlibraries")).isNull();
  }

  @Test
  void acceptsVersionsThatBelongTogether() {
    TorchLibrary.SUPPORTED.forEach(TorchLibrary::checkVersions);
  }

  @Test
  void namesBothVersionsOfAMismatch() {
    assertThatThrownBy(() -> TorchLibrary.checkVersions("2.5.1", "2.7.1-1.5.12"))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith(
            "PyTorch 2.5.1 (DJL's native library) and the bindings"
                + " org.bytedeco:pytorch:2.7.1-1.5.12 do not belong together. Supported pairs: ")
        .hasMessageContaining("2.7.1=2.7.1-1.5.12")
        .hasMessageEndingWith("Change one of the two versions.");
    assertThatThrownBy(() -> TorchLibrary.checkVersions("9.9.9", "2.7.1-1.5.12"))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("PyTorch 9.9.9 (DJL's native library) and");
  }

  @Test
  void tellsWhereTheJarGoesWhenAnotherClassLoaderHasTheLibrary() {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError("Native Library x.so already loaded in another classloader");
    RuntimeException wrapped = new IllegalStateException("Cannot start the engine", error);
    assertThat(TorchLibrary.linkFailure(wrapped, "x.so"))
        .hasMessage(
            "Cannot load x.so: another class loader of this JVM has loaded it, and a native library"
                + " belongs to one. Put the Fabric jar on $SPARK_HOME/jars or on"
                + " spark.driver.extraClassPath and spark.executor.extraClassPath, so that one"
                + " loader serves every application of the JVM.")
        .hasCause(wrapped);
  }

  @Test
  void namesThePlatformWhenTheLibraryDoesNotLoad() {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError("no natives");
    assertThat(TorchLibrary.linkFailure(error, "DJL's PyTorch engine"))
        .hasMessageStartingWith(
            "Cannot load DJL's PyTorch engine on "
                + System.getProperty("os.name")
                + " "
                + System.getProperty("os.arch")
                + ": no natives. Natives are supported for linux-x86_64; add"
                + " ai.djl.pytorch:pytorch-native-cpu with that classifier, or pytorch-native-cu*"
                + " for NVIDIA GPUs, or use fabric-spark's *-all.jar.")
        .hasCause(error);
  }

  @Test
  void namesTheSettingsOfAFolderWhoseLibraryDoesNotLoad() {
    assertThat(TorchLibrary.folderAdvice("/opt/libtorch", "2.5.1", null))
        .isEqualTo(
            " libtorch is taken from PYTORCH_LIBRARY_PATH=/opt/libtorch: set PYTORCH_VERSION and"
                + " PYTORCH_FLAVOR to what lies there (now 2.5.1 and null), for example 2.5.1 and"
                + " cu124.");
    assertThat(TorchLibrary.folderAdvice(null, "2.5.1", "cu124")).isEmpty();
  }

  @Test
  void namesTheArtifactThatAPlatformLacks(@TempDir Path folder) {
    assertThatThrownBy(
            () -> TorchLibrary.extract(folder, "org/bytedeco/pytorch/no-platform/libjnitorch.so"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "The class path lacks org/bytedeco/pytorch/no-platform/libjnitorch.so. Natives are"
                + " supported for linux-x86_64; add org.bytedeco:pytorch and org.bytedeco:javacpp"
                + " with that classifier, or use fabric-spark's *-all.jar.");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void keepsALibraryThatHasBeenExtracted(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("libjnitorch.so"), "complete");
    String resource = "org/bytedeco/pytorch/linux-x86_64/libjnitorch.so";
    assertThat(TorchLibrary.extract(folder, resource)).isEqualTo(file).hasContent("complete");
  }

  @Test
  void putsSystemPropertiesBack() {
    System.setProperty("fabric4j.present", "before");
    try (TemporaryProperties properties = new TemporaryProperties()) {
      properties.set("fabric4j.present", "during");
      properties.set("fabric4j.absent", "during");
      assertThat(System.getProperty("fabric4j.present")).isEqualTo("during");
      assertThat(System.getProperty("fabric4j.absent")).isEqualTo("during");
    }
    assertThat(System.getProperty("fabric4j.present")).isEqualTo("before");
    assertThat(System.getProperty("fabric4j.absent")).isNull();
    System.clearProperty("fabric4j.present");
  }
}
