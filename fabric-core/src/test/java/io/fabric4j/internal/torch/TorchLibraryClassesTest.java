package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.internal.JavaCppClasses;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/**
 * A JavaCPP class that is initialised while JavaCPP's loader is on brings a second libtorch into
 * the process, so each one that the bridge can reach has to be in {@link TorchLibrary#CLASSES}.
 */
class TorchLibraryClassesTest {

  @Test
  void listsEveryClassThatLoadsLibraries() throws Exception {
    assertThat(TorchLibrary.CLASSES)
        .containsAll(JavaCppClasses.loadingLibraries(TorchLibrary.class))
        .contains(Tensor.class.getName(), IValue.class.getName());
  }

  @Test
  void listsNoClassTwice() {
    assertThat(TorchLibrary.CLASSES).doesNotHaveDuplicates();
  }
}
