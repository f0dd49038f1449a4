package io.fabric4j.internal.distributed;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;

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

  /** Finds application classes, which the loader of this class may not see. */
  private static final class ContextObjectInputStream extends ObjectInputStream {
    ContextObjectInputStream(InputStream in) throws IOException {
      super(in);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      if (loader != null) {
        try {
          return Class.forName(description.getName(), false, loader);
        } catch (ClassNotFoundException e) {
          // Primitive types and arrays of library classes: the default knows them.
        }
      }
      return super.resolveClass(description);
    }
  }
}
