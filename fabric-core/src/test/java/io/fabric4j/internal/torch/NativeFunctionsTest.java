package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.LibUtils;
import io.fabric4j.FabricException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NativeFunctionsTest {

  @BeforeEach
  void load() {
    TorchLibrary.load();
  }

  @Test
  void findsALibraryByTheBeginningOfItsName() {
    String library = System.mapLibraryName("torch_cpu");
    String beginning = library.substring(0, library.length() - 1);
    assertThat(
            NativeFunctions.of(beginning)
                .find("_ZN2at15get_num_threadsEv")
                .invokeInt(new Object[0]))
        .isPositive();
  }

  @Test
  void namesTheLibraryThatIsMissing() {
    assertThatThrownBy(() -> NativeFunctions.of("libabsent.so"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "libtorch's folder "
                + LibUtils.getLibtorchPath()
                + " has no libabsent.so. Use DJL's complete native library of this PyTorch"
                + " version.");
  }
}
