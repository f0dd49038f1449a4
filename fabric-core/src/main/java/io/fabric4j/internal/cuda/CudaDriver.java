package io.fabric4j.internal.cuda;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What NVIDIA's driver says of this process's GPUs. The driver itself hides those that
 * CUDA_VISIBLE_DEVICES leaves out.
 *
 * @param version highest CUDA version that the driver runs, as {@code 12040}; 0 without a driver
 * @param devices in the order of their numbers
 * @param problem why there are no devices; empty if there are
 */
public record CudaDriver(int version, List<CudaDevice> devices, String problem) {
  private static final String LIBRARY = "libcuda.so.1";
  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;

  /** The values on which {@code GPU-5a0c4c1e-...} is split. */
  private static final int[] UUID_GROUPS = {0, 8, 12, 16, 20, 32};

  public CudaDriver {
    devices = List.copyOf(devices);
  }

  private static final class Holder {
    private static final CudaDriver DRIVER = probe(LIBRARY);
  }

  /** Returns what this host's driver said when it was first asked. */
  public static CudaDriver system() {
    return Holder.DRIVER;
  }

  /**
   * Asks a driver.
   *
   * @param library name or path of its library
   */
  public static CudaDriver probe(String library) {
    try {
      return new Calls(NativeLibrary.getInstance(library)).ask();
    } catch (UnsatisfiedLinkError e) {
      return new CudaDriver(
          0, List.of(), "NVIDIA's driver library " + library + " is not installed or not visible");
    }
  }

  /** Returns a version as people write it, {@code 12.4}. */
  public static String text(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static final class CallFailed extends Exception {
    private static final long serialVersionUID = 1L;

    CallFailed(String message) {
      super(message);
    }
  }

  private record Calls(NativeLibrary library) {

    CudaDriver ask() {
      IntByReference version = new IntByReference();
      try {
        call("cuDriverGetVersion", version);
        call("cuInit", 0);
        List<CudaDevice> devices = devices();
        return new CudaDriver(
            version.getValue(),
            devices,
            devices.isEmpty() ? "NVIDIA's driver shows no GPU to this process" : "");
      } catch (CallFailed e) {
        return new CudaDriver(version.getValue(), List.of(), e.getMessage());
      }
    }

    private List<CudaDevice> devices() throws CallFailed {
      IntByReference count = new IntByReference();
      call("cuDeviceGetCount", count);
      List<CudaDevice> devices = new ArrayList<>();
      for (int ordinal = 0; ordinal < count.getValue(); ordinal++) {
        devices.add(device(ordinal));
      }
      return devices;
    }

    private CudaDevice device(int ordinal) throws CallFailed {
      IntByReference handle = new IntByReference();
      call("cuDeviceGet", handle, ordinal);
      byte[] name = new byte[NAME_BYTES];
      call("cuDeviceGetName", name, NAME_BYTES, handle.getValue());
      byte[] uuid = new byte[UUID_BYTES];
      call("cuDeviceGetUuid_v2", uuid, handle.getValue());
      LongByReference memory = new LongByReference();
      call("cuDeviceTotalMem_v2", memory, handle.getValue());
      return new CudaDevice(ordinal, text(name), grouped(uuid), memory.getValue());
    }

    private static String text(byte[] characters) {
      int end = 0;
      while (end < characters.length && characters[end] != 0) {
        end++;
      }
      return new String(characters, 0, end, StandardCharsets.UTF_8);
    }

    private static String grouped(byte[] uuid) {
      String digits = HexFormat.of().formatHex(uuid);
      List<String> groups = new ArrayList<>();
      for (int i = 1; i < UUID_GROUPS.length; i++) {
        groups.add(digits.substring(UUID_GROUPS[i - 1], UUID_GROUPS[i]));
      }
      return String.join("-", groups);
    }

    private void call(String name, Object... arguments) throws CallFailed {
      int result = find(name).invokeInt(arguments);
      if (result != 0) {
        throw new CallFailed(
            "NVIDIA's driver answers " + name + " with " + errorName(result) + " (" + result + ")");
      }
    }

    private Function find(String name) throws CallFailed {
      try {
        return library.getFunction(name);
      } catch (UnsatisfiedLinkError e) {
        throw new CallFailed(
            "NVIDIA's driver library has no " + name + ", so it is older than CUDA 11.4");
      }
    }

    private String errorName(int result) throws CallFailed {
      PointerByReference name = new PointerByReference();
      find("cuGetErrorName").invokeInt(new Object[] {result, name});
      return name.getValue() == null ? "an unknown error" : name.getValue().getString(0);
    }
  }
}
