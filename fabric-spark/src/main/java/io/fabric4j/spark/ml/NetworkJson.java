package io.fabric4j.spark.ml;

import ai.djl.nn.BlockFactory;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import io.fabric4j.spark.internal.launch.ObjectBytes;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Networks as text. */
final class NetworkJson {
  private static final Gson GSON = new Gson();

  private NetworkJson() {}

  /** What the text says; absent is what a kind of network does not have. */
  private record Text(
      String network, List<Integer> hidden, int[] image, String factory, String script) {}

  static String encode(Network network) {
    Text text;
    if (network instanceof TabularNetwork tabular) {
      text = new Text(name(tabular), tabular.hidden(), null, null, null);
    } else if (network instanceof ImageNetwork image) {
      int[] size = {image.height(), image.width(), image.channels()};
      text = new Text("cnn", null, size, null, null);
    } else if (network instanceof FactoryNetwork own) {
      text = new Text("factory", null, null, nameOf(own.factory()), null);
    } else {
      byte[] script = ((TorchScriptNetwork) network).script();
      text = new Text("torchscript", null, null, null, Base64.getEncoder().encodeToString(script));
    }
    return GSON.toJson(text);
  }

  private static String name(TabularNetwork network) {
    if (network.hidden().isEmpty()) {
      return "linear";
    }
    return network.wide() ? "wide_and_deep" : "mlp";
  }

  private static String nameOf(BlockFactory factory) {
    Class<?> type = factory.getClass();
    try {
      byte[] copy = ObjectBytes.encode(create(type.getName()));
      if (!type.isHidden() && Arrays.equals(copy, ObjectBytes.encode(factory))) {
        return type.getName();
      }
    } catch (IllegalArgumentException | NotSerializableException e) {
      throw notByName(type, e);
    }
    throw notByName(type, null);
  }

  private static IllegalArgumentException notByName(Class<?> type, Exception cause) {
    return new IllegalArgumentException(
        "The network cannot be saved: of its block factory, "
            + type.getName()
            + ", only the name of the class would be written, and that does not make an equal one."
            + " Use a named class with a public constructor without arguments and without settings,"
            + " instead of a lambda or an anonymous class.",
        cause);
  }

  static Network decode(String json) {
    Text text;
    try {
      text = GSON.fromJson(json, Text.class);
    } catch (JsonParseException e) {
      throw unknown(json, e);
    }
    if (text == null || text.network() == null) {
      throw unknown(json, null);
    }
    return switch (text.network()) {
      case "linear" -> TabularNetwork.linear();
      case "mlp" -> TabularNetwork.deep(text.hidden());
      case "wide_and_deep" -> TabularNetwork.wideAndDeep(text.hidden());
      case "cnn" -> new ImageNetwork(text.image()[0], text.image()[1], text.image()[2]);
      case "factory" -> new FactoryNetwork(create(text.factory()));
      case "torchscript" -> new TorchScriptNetwork(Base64.getDecoder().decode(text.script()));
      default -> throw unknown(json, null);
    };
  }

  private static IllegalArgumentException unknown(String json, Exception cause) {
    return new IllegalArgumentException(
        "This is no description of a network that this release knows: "
            + json.substring(0, Math.min(100, json.length()))
            + ". Read it with the release that wrote it.",
        cause);
  }

  private static BlockFactory create(String className) {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? NetworkJson.class.getClassLoader() : context;
    try {
      return Class.forName(className, true, loader)
          .asSubclass(BlockFactory.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalArgumentException(
          "Cannot create the network's block factory "
              + className
              + ": "
              + e
              + ". Its class has to be on the class path, public, with a public constructor without"
              + " arguments.",
          e);
    }
  }
}
