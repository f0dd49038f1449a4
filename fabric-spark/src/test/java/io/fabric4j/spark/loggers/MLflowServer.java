package io.fabric4j.spark.loggers;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Speaks the part of MLflow's REST API, version 2.0, that logging needs. */
final class MLflowServer implements AutoCloseable {
  private static final String ROOT = "/api/2.0/mlflow/";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<String, String> experiments = new LinkedHashMap<>();
  private final Map<String, JsonObject> runs = new LinkedHashMap<>();
  private final Map<String, List<String>> logged = new LinkedHashMap<>();
  private final List<Integer> batches = new ArrayList<>();

  /** Answers with this status if it is not 0; -1 answers never. */
  volatile int failure;

  MLflowServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  synchronized List<String> runIds() {
    return List.copyOf(runs.keySet());
  }

  synchronized JsonObject run(String id) {
    return runs.get(id).deepCopy();
  }

  /** Returns metrics as {@code key@step=value} and parameters as {@code key=value}. */
  synchronized List<String> logged(String id) {
    return List.copyOf(logged.get(id));
  }

  synchronized List<Integer> batches() {
    return List.copyOf(batches);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (failure < 0) {
        closing.await();
        return;
      }
      int status = failure;
      JsonObject answer = error("TEMPORARILY_UNAVAILABLE", "the server is busy");
      if (status == 0) {
        answer = answer(exchange, body);
        status = answer.has("error_code") ? status(answer) : 200;
      }
      byte[] bytes = answer.toString().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int status(JsonObject error) {
    return error.get("error_code").getAsString().equals("RESOURCE_DOES_NOT_EXIST") ? 404 : 400;
  }

  private static JsonObject error(String code, String message) {
    JsonObject error = new JsonObject();
    error.addProperty("error_code", code);
    error.addProperty("message", message);
    return error;
  }

  private synchronized JsonObject answer(HttpExchange exchange, String body) {
    String call = exchange.getRequestURI().getPath().substring(ROOT.length());
    if (call.equals("experiments/get-by-name")) {
      return experiment(exchange.getRequestURI().getQuery().split("=", 2)[1]);
    }
    JsonObject request = JsonParser.parseString(body).getAsJsonObject();
    return switch (call) {
      case "experiments/create" -> createExperiment(request.get("name").getAsString());
      case "runs/create" -> createRun(request);
      case "runs/search" -> search(request);
      case "runs/update" -> update(request);
      case "runs/log-batch" -> log(request);
      default -> error("ENDPOINT_NOT_FOUND", call);
    };
  }

  private JsonObject experiment(String name) {
    if (!experiments.containsKey(name)) {
      return error("RESOURCE_DOES_NOT_EXIST", "Could not find experiment with name " + name);
    }
    JsonObject experiment = new JsonObject();
    experiment.addProperty("experiment_id", experiments.get(name));
    experiment.addProperty("name", name);
    experiment.addProperty("lifecycle_stage", "active");
    return wrap("experiment", experiment);
  }

  private static JsonObject wrap(String name, JsonElement value) {
    JsonObject wrapper = new JsonObject();
    wrapper.add(name, value);
    return wrapper;
  }

  private JsonObject createExperiment(String name) {
    experiments.put(name, "e" + experiments.size());
    JsonObject answer = new JsonObject();
    answer.addProperty("experiment_id", experiments.get(name));
    return answer;
  }

  private JsonObject createRun(JsonObject request) {
    String id = "run" + runs.size();
    JsonObject info = request.deepCopy();
    JsonElement tags = info.remove("tags");
    info.addProperty("run_id", id);
    info.addProperty("run_uuid", id);
    info.addProperty("status", "RUNNING");
    JsonObject run = wrap("info", info);
    run.add("data", wrap("tags", tags == null ? new JsonArray() : tags));
    runs.put(id, run);
    logged.put(id, new ArrayList<>());
    return wrap("run", run.deepCopy());
  }

  private JsonObject search(JsonObject request) {
    JsonArray found = new JsonArray();
    String filter = request.get("filter").getAsString();
    for (JsonObject run : runs.values()) {
      JsonElement name = run.getAsJsonObject("info").get("run_name");
      if (name != null && filter.equals("tags.`mlflow.runName` = '" + name.getAsString() + "'")) {
        found.add(run.deepCopy());
      }
    }
    return wrap("runs", found);
  }

  private JsonObject update(JsonObject request) {
    JsonObject info = runs.get(request.get("run_id").getAsString()).getAsJsonObject("info");
    request.entrySet().forEach(field -> info.add(field.getKey(), field.getValue()));
    return wrap("run_info", info.deepCopy());
  }

  private JsonObject log(JsonObject request) {
    List<String> entries = new ArrayList<>();
    for (JsonElement metric : array(request, "metrics")) {
      JsonObject each = metric.getAsJsonObject();
      String step = each.has("step") ? each.get("step").getAsString() : "0";
      entries.add(each.get("key").getAsString() + "@" + step + "=" + each.get("value"));
    }
    JsonArray params = array(request, "params");
    for (JsonElement param : params) {
      JsonObject each = param.getAsJsonObject();
      entries.add(each.get("key").getAsString() + "=" + each.get("value").getAsString());
    }
    if (params.size() > 100 || entries.size() > 1000) {
      return error("INVALID_PARAMETER_VALUE", "A batch logging request can contain at most ...");
    }
    if (entries.stream().anyMatch(entry -> !entry.matches("[\\w.\\- :/]+[@=].*"))) {
      return error("INVALID_PARAMETER_VALUE", "Invalid metric name");
    }
    batches.add(entries.size());
    logged.get(request.get("run_id").getAsString()).addAll(entries);
    return new JsonObject();
  }

  private static JsonArray array(JsonObject request, String name) {
    return request.has(name) ? request.getAsJsonArray(name) : new JsonArray();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
