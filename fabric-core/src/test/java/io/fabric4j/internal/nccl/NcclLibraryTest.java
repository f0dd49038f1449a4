package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.NativeLibrary;
import io.fabric4j.FabricException;
import io.fabric4j.internal.JavaCppClasses;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class NcclLibraryTest {

  /** The two classes of JavaCPP itself are initialised with libtorch. */
  @Test
  void listsEveryClassThatLoadsLibraries() throws Exception {
    List<String> listed = new ArrayList<>(NcclLibrary.CLASSES);
    listed.addAll(List.of(Pointer.class.getName(), BytePointer.class.getName()));
    assertThat(JavaCppClasses.loadingLibraries(NcclLibrary.class)).isNotEmpty().isSubsetOf(listed);
  }

  @Test
  void setsAVariableOfTheProcessUnlessItIsSet() {
    NcclLibrary.setDefault("FABRIC4J_TEST_VARIABLE", "first");
    NcclLibrary.setDefault("FABRIC4J_TEST_VARIABLE", "second");
    assertThat(
            NativeLibrary.getInstance("c")
                .getFunction("getenv")
                .invokeString(new Object[] {"FABRIC4J_TEST_VARIABLE"}, false))
        .isEqualTo("first");
  }

  @Test
  void namesTheOldestVersionThatWorks() {
    NcclLibrary.requireVersion(21400);
    assertThatThrownBy(() -> NcclLibrary.requireVersion(21003))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "NCCL 2.10.3 is too old: 2.14.0 or later is needed. Set FABRIC4J_NCCL_PATH to a newer"
                + " libnccl.so.2 or its folder.");
  }
}
