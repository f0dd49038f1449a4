package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.distributed.ContextObjectInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Java serialization in which arrays, wherever an object refers to them, are only described. Both
 * sides list them in one order, so that their elements can follow on another way.
 */
final class ArrayStream {
  private ArrayStream() {}

  private record Place(String name, ArrayHeader header) implements Serializable {}

  /** The places of an {@link NDList}, out of reach of the streams' replacement. */
  private record Places(ArrayList<String> names, ArrayList<ArrayHeader> headers)
      implements Serializable {}

  /**
   * Returns the object without the arrays' elements.
   *
   * @param arrays gets the arrays
   * @throws IllegalArgumentException if the object, or one it refers to, is not serializable
   */
  static byte[] encode(Object object, List<NDArray> arrays) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new Encoder(bytes, arrays)) {
      out.writeObject(object);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot serialize an object of "
              + object.getClass().getName()
              + ": "
              + e
              + ". Objects for other ranks, and all they refer to except arrays, implement"
              + " Serializable.",
          e);
    }
    return bytes.toByteArray();
  }

  /**
   * Returns the object, with arrays of zeros.
   *
   * @param manager owner of the arrays
   * @param arrays gets the arrays
   */
  static Object decode(byte[] bytes, NDManager manager, List<NDArray> arrays) {
    try (ObjectInputStream in = new Decoder(new ByteArrayInputStream(bytes), manager, arrays)) {
      return in.readObject();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(
          "Cannot read an object of another rank: "
              + e
              + ". Every rank needs the same classes on its class path.",
          e);
    }
  }

  private static final class Encoder extends ObjectOutputStream {
    private final List<NDArray> arrays;

    Encoder(OutputStream out, List<NDArray> arrays) throws IOException {
      super(out);
      this.arrays = arrays;
      enableReplaceObject(true);
    }

    @Override
    protected Object replaceObject(Object object) {
      if (object instanceof NDArray array) {
        arrays.add(array);
        return new Place(array.getName(), ArrayHeader.of(array));
      }
      if (object instanceof NDList list) {
        arrays.addAll(list);
        return new Places(
            new ArrayList<>(list.stream().map(NDArray::getName).toList()),
            new ArrayList<>(list.stream().map(ArrayHeader::of).toList()));
      }
      return object;
    }
  }

  private static final class Decoder extends ContextObjectInputStream {
    private final NDManager manager;
    private final List<NDArray> arrays;

    Decoder(ByteArrayInputStream in, NDManager manager, List<NDArray> arrays) throws IOException {
      super(in);
      this.manager = manager;
      this.arrays = arrays;
      enableResolveObject(true);
    }

    @Override
    protected Object resolveObject(Object object) {
      if (object instanceof Place place) {
        return allocate(place.name(), place.header());
      }
      if (object instanceof Places places) {
        NDList list = new NDList();
        for (int i = 0; i < places.names().size(); i++) {
          list.add(allocate(places.names().get(i), places.headers().get(i)));
        }
        return list;
      }
      return object;
    }

    private NDArray allocate(String name, ArrayHeader header) {
      NDArray array = header.allocate(manager);
      array.setName(name);
      arrays.add(array);
      return array;
    }
  }
}
