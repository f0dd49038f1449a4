package io.fabric4j.internal.distributed;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;

/** Java serialization between ranks, which have proved that they belong together. */
public final class ObjectCodec {
  private ObjectCodec() {}

  /**
   * Serializes an object.
   *
   * @throws IllegalArgumentException if it, or what it refers to, is not serializable
   */
  public static byte[] encode(Object object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot serialize an object of "
              + object.getClass().getName()
              + ": "
              + e
              + ". Objects for other ranks, and all they refer to, implement Serializable.",
          e);
    }
    return bytes.toByteArray();
  }

  /** Returns a new object from what {@link #encode} returned. */
  public static Object decode(byte[] bytes) {
    try (ObjectInputStream in = new ContextObjectInputStream(new ByteArrayInputStream(bytes))) {
      return in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(
          "Cannot read an object of another rank: "
              + e
              + ". Every rank needs the same classes on its class path.",
          e);
    }
  }
}
