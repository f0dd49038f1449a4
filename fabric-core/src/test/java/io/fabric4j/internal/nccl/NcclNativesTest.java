package io.fabric4j.internal.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.FabricException;
import io.fabric4j.internal.NativeResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NcclNativesTest {
  @TempDir private Path torch;
  @TempDir private Path given;

  private static Path file(Path folder, String name) throws Exception {
    return Files.writeString(folder.resolve(name), "library");
  }

  @Test
  void takesTheCudaRuntimeOfLibtorch() throws Exception {
    Path hashed = file(torch, "libcudart-8774224f.so.12");
    Path nccl = file(given, "libnccl.so.2");
    file(given, "libcudart.so.12");
    assertThat(NcclNatives.find(null, torch).cudart()).isEqualTo(hashed);
    NcclNatives natives = NcclNatives.find(given.toString(), torch);
    assertThat(natives.cudart()).isEqualTo(hashed);
    assertThat(natives.nccl()).isEqualTo(nccl);
  }

  @Test
  void takesTheCudaRuntimeBesideNcclIfLibtorchHasNone() throws Exception {
    Path nccl = file(given, "libnccl.so.2");
    assertThat(NcclNatives.find(nccl.toString(), torch).cudart()).isNull();
    Path cudart = file(given, "libcudart.so.12");
    assertThat(NcclNatives.find(nccl.toString(), torch).cudart()).isEqualTo(cudart);
    assertThat(NcclNatives.find(nccl.toString(), torch).nccl()).isEqualTo(nccl);
  }

  @Test
  void leavesTheRestToTheLinker() throws Exception {
    file(torch, "libtorch_cuda.so");
    NcclNatives natives = NcclNatives.find(null, torch);
    assertThat(natives).isEqualTo(new NcclNatives(null, torch, null, null, false));
    List<Path> libraries = natives.libraries(given, "linux-x86_64");
    assertThat(libraries)
        .extracting(path -> path.getFileName().toString())
        .containsExactly("libjnicudart.so", "libjninccl.so");
  }

  @Test
  void makesTheBindingsAskForLibtorchIfNcclIsInside() throws Exception {
    NcclNatives natives = new NcclNatives(null, torch, null, null, true);
    List<Path> libraries = natives.libraries(given, "linux-x86_64");
    byte[] changed = Files.readAllBytes(libraries.get(1));
    assertThat(new ElfLibrary(changed).needed())
        .contains("libtorch_cuda.so", "libc.so.6")
        .doesNotContain("libnccl.so.2");
    Path original =
        NativeResources.extract(
            given.resolve("original"), "org/bytedeco/cuda/linux-x86_64/libjninccl.so", "cuda");
    assertThat(new ElfLibrary(Files.readAllBytes(original)).needed()).contains("libnccl.so.2");
    assertThat(changed).hasSameSizeAs(Files.readAllBytes(original));
  }

  @Test
  void doesNotChangeALibraryThatNeedsSomethingElse() throws Exception {
    Path library =
        NativeResources.extract(given, "org/bytedeco/cuda/linux-x86_64/libjninccl.so", "cuda");
    ElfLibrary elf = new ElfLibrary(Files.readAllBytes(library));
    assertThatThrownBy(() -> elf.replaceNeeded("libnccl.so.3", "libtorch_cuda.so"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The library does not need libnccl.so.3, or has no room for libtorch_cuda.so.");
  }

  @Test
  void namesASettingThatLeadsNowhere() {
    assertThatThrownBy(() -> NcclNatives.find(given.toString(), torch))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "FABRIC4J_NCCL_PATH is "
                + given
                + ", but there is no "
                + given.resolve("libnccl.so.2")
                + ". Set it to the file libnccl.so.2 or to its folder.");
  }

  @Test
  void tellsWhereItLookedAndWhatToInstall() {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError("libnccl.so.2: cannot open it");
    assertThat(NcclNatives.find(null, torch).failure(error))
        .hasMessage(
            "Cannot load NCCL: libnccl.so.2: cannot open it. libcudart.so.12 was looked for in "
                + torch
                + " and on the system's library path; libnccl.so.2 was looked for in"
                + " FABRIC4J_NCCL_PATH (not set), in libtorch_cuda.so of "
                + torch
                + ", and on the system's library path; libcuda.so.1 comes with NVIDIA's driver. Use"
                + " DJL's CUDA libtorch, for example ai.djl.pytorch:pytorch-native-cu124, which"
                + " contains both, or set FABRIC4J_NCCL_PATH to libnccl.so.2 or its folder (pip"
                + " package nvidia-nccl-cu12, Linux package libnccl2).")
        .hasCause(error);
    assertThat(new NcclNatives(null, torch, given, null, true).failure(error))
        .hasMessageContaining("libcudart.so.12 is " + given + "; libnccl.so.2 is part of ")
        .hasMessageContaining(torch.resolve("libtorch_cuda.so").toString());
    assertThat(new NcclNatives("x", torch, given, given, false).failure(error))
        .hasMessageContaining("; libnccl.so.2 is " + given + "; libcuda.so.1 comes with");
  }
}
