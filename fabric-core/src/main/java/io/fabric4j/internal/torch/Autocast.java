package io.fabric4j.internal.torch;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import com.sun.jna.Function;

/**
 * Autocast of the calling thread, put back as it was on close: operations that gain from it run in
 * a 16-bit type. May be nested. Closing the outermost drops the casts of parameters that libtorch
 * keeps, since the next optimizer step makes them stale.
 */
public final class Autocast implements AutoCloseable {
  private static final byte CPU = 0;
  private static final byte CUDA = 1;

  private final byte deviceType;
  private final byte enabledBefore;
  private final byte typeBefore;

  private Autocast(byte deviceType, DataType type) {
    this.deviceType = deviceType;
    enabledBefore = (byte) Library.IS_ENABLED.invoke(Byte.class, new Object[] {deviceType});
    typeBefore = (byte) Library.GET_TYPE.invoke(Byte.class, new Object[] {deviceType});
    Library.ENTER.invoke(Integer.class, new Object[0]);
    set((byte) 1, Tensors.scalarType(type).value);
  }

  private static final class Library {
    private static final NativeFunctions LIBTORCH = NativeFunctions.of("libtorch_cpu.so");
    private static final Function IS_ENABLED = find("19is_autocast_enabledEN3c1010DeviceTypeE");
    private static final Function SET_ENABLED = find("20set_autocast_enabledEN3c1010DeviceTypeEb");
    private static final Function GET_TYPE = find("18get_autocast_dtypeEN3c1010DeviceTypeE");
    private static final Function SET_TYPE =
        find("18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE");
    private static final Function ENTER = find("17increment_nestingEv");
    private static final Function LEAVE = find("17decrement_nestingEv");
    private static final Function CLEAR_CACHE = find("11clear_cacheEv");

    private static Function find(String name) {
      return LIBTORCH.find("_ZN2at8autocast" + name);
    }
  }

  /**
   * Turns autocast on.
   *
   * @param device whose operations are cast
   * @param type float16 or bfloat16
   */
  public static Autocast enable(Device device, DataType type) {
    return new Autocast(device.isGpu() ? CUDA : CPU, type);
  }

  private void set(byte enabled, byte type) {
    Library.SET_ENABLED.invoke(Void.class, new Object[] {deviceType, enabled});
    Library.SET_TYPE.invoke(Void.class, new Object[] {deviceType, type});
  }

  /** Must be called by the thread that opened this. */
  @Override
  public void close() {
    set(enabledBefore, typeBefore);
    if ((int) Library.LEAVE.invoke(Integer.class, new Object[0]) == 0) {
      Library.CLEAR_CACHE.invoke(Void.class, new Object[0]);
    }
  }
}
