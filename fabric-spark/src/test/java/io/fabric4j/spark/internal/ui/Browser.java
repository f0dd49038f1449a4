package io.fabric4j.spark.internal.ui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Headless Chromium with one page, driven through its DevTools protocol. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long LIMIT_SECONDS = 60;
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final String PORT_FILE = "DevToolsActivePort";

  private final Path profile;
  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private int lastCall;

  /** Returns the browser's program, if there is one. */
  static Optional<Path> find() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  Browser(Path program, Path profile) throws Exception {
    this.profile = profile;
    List<String> command = new ArrayList<>(List.of(program.toString(), "--headless"));
    command.addAll(
        List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank"));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(profile.resolveSibling("chromium.log").toFile())
            .start();
    socket = connect(page(port()));
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable");
    }
  }

  private int port() throws Exception {
    Path file = profile.resolve(PORT_FILE);
    await("Chromium's port", () -> Files.exists(file) && !Files.readAllLines(file).isEmpty());
    return Integer.parseInt(Files.readAllLines(file).get(0));
  }

  private static URI page(int port) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
    String[] address = new String[1];
    await(
        "a page",
        () -> {
          HttpResponse<String> response =
              HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
          for (JsonNode target : MAPPER.readTree(response.body())) {
            if (target.get("type").asText().equals("page")) {
              address[0] = target.get("webSocketDebuggerUrl").asText();
            }
          }
          return address[0] != null;
        });
    return URI.create(address[0]);
  }

  /** Something to wait for. */
  interface Condition {
    boolean holds() throws Exception;
  }

  static void await(String what, Condition condition) throws Exception {
    await(what, LIMIT_SECONDS, condition);
  }

  static void await(String what, long seconds, Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Waited " + seconds + " s in vain for " + what + ".");
      }
      Thread.sleep(100);
    }
  }

  private WebSocket connect(URI address) throws Exception {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            address,
            new WebSocket.Listener() {
              private final StringBuilder text = new StringBuilder();

              @Override
              public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                text.append(part);
                if (last) {
                  accept(text.toString());
                  text.setLength(0);
                }
                from.request(1);
                return null;
              }
            })
        .get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private void accept(String message) {
    JsonNode json;
    try {
      json = MAPPER.readTree(message);
    } catch (IOException e) {
      errors.add(message);
      return;
    }
    if (json.has("id")) {
      calls.get(json.get("id").asInt()).complete(json);
      return;
    }
    JsonNode parameters = json.path("params");
    switch (json.path("method").asText()) {
      case "Runtime.exceptionThrown" -> errors.add(parameters.toString());
      case "Runtime.consoleAPICalled" -> {
        if (List.of("error", "warning").contains(parameters.path("type").asText())) {
          errors.add(parameters.toString());
        }
      }
      case "Log.entryAdded" -> {
        if (parameters.path("entry").path("level").asText().equals("error")) {
          errors.add(parameters.toString());
        }
      }
      case "Network.requestWillBeSent" ->
          requests.add(parameters.path("request").path("url").asText());
      default -> {}
    }
  }

  private JsonNode call(String method) throws Exception {
    return call(method, MAPPER.createObjectNode());
  }

  private JsonNode call(String method, ObjectNode parameters) throws Exception {
    int id = ++lastCall;
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    calls.put(id, answer);
    ObjectNode message = MAPPER.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    JsonNode result = answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (result.has("error")) {
      throw new IllegalStateException(method + " failed: " + result.get("error"));
    }
    return result.get("result");
  }

  void open(String address) throws Exception {
    call("Page.navigate", MAPPER.createObjectNode().put("url", address));
  }

  /** Sets the width of the page; its height becomes that of its content in screenshots. */
  void resize(int width) throws Exception {
    call(
        "Emulation.setDeviceMetricsOverride",
        MAPPER
            .createObjectNode()
            .put("width", width)
            .put("height", 900)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  JsonNode evaluate(String expression) throws Exception {
    JsonNode result =
        call(
            "Runtime.evaluate",
            MAPPER
                .createObjectNode()
                .put("expression", expression)
                .put("returnByValue", true)
                .put("awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(expression + " failed: " + result);
    }
    return result.get("result").path("value");
  }

  void awaitTrue(String expression) throws Exception {
    try {
      await(expression, () -> evaluate(expression).asBoolean());
    } catch (AssertionError e) {
      String text = evaluate("location + ': ' + document.body.innerText").asText();
      throw new AssertionError(e.getMessage() + " Errors: " + errors + ", page: " + text, e);
    }
  }

  /** Takes a picture of the whole page. */
  void screenshot(Path file) throws Exception {
    int width = evaluate("document.documentElement.scrollWidth").asInt();
    screenshot(file, width, evaluate("document.documentElement.scrollHeight").asInt());
  }

  /** Takes a picture of the upper part of the page. */
  void screenshot(Path file, int width, int height) throws Exception {
    ObjectNode parameters =
        MAPPER.createObjectNode().put("format", "png").put("captureBeyondViewport", true);
    parameters
        .putObject("clip")
        .put("x", 0)
        .put("y", 0)
        .put("width", width)
        .put("height", height)
        .put("scale", 1);
    JsonNode picture = call("Page.captureScreenshot", parameters);
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(picture.get("data").asText()));
  }

  /** Returns what the console and scripts complained of. */
  List<String> errors() {
    return errors;
  }

  /** Returns the addresses that pages asked for. */
  List<String> requests() {
    return requests;
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    try (Stream<Path> files = Files.walk(profile)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
