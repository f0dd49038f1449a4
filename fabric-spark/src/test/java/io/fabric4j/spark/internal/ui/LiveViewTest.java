package io.fabric4j.spark.internal.ui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric4j.spark.SparkFabric;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tab of a UI with access control, behind a proxy with a path of its own. */
@Timeout(60)
class LiveViewTest {
  private static final String USER = "test-user";
  private static final String PROXY = "/proxy/application_1";

  private static SparkSession spark;
  private static String ui;

  /** Believes the user that a header names. */
  public static final class HeaderFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      HttpServletRequest http = (HttpServletRequest) request;
      chain.doFilter(
          new HttpServletRequestWrapper(http) {
            @Override
            public String getRemoteUser() {
              return http.getHeader(USER);
            }
          },
          response);
    }
  }

  @BeforeAll
  static void launchTwice() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "true")
            .config("spark.ui.port", "0")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.filters", HeaderFilter.class.getName())
            .config("spark.acls.enable", "true")
            .config("spark.ui.view.acls", "alice")
            .getOrCreate();
    ui = spark.sparkContext().uiWebUrl().get();
    SparkFabric.launch(spark, 2, fabric -> fabric.worldSize());
    SparkFabric.launch(spark, 1, fabric -> fabric.worldSize());
  }

  @AfterAll
  static void stopSpark() {
    System.clearProperty("spark.ui.proxyBase");
    spark.stop();
  }

  private static HttpResponse<String> get(String path, String user) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(ui + path)).header(USER, user).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode runs() throws Exception {
    return new ObjectMapper().readTree(get("/fabric/json/", "alice").body()).get("runs");
  }

  @Test
  void hasOneTabForAllLaunches() throws Exception {
    assertThat(get("/jobs/", "alice").body()).containsOnlyOnce("/fabric/\"");
    assertThat(runs()).hasSize(2);
    assertThat(runs().findValuesAsText("state")).containsOnly("succeeded");
    assertThat(runs().findValuesAsText("ranks")).isEqualTo(List.of("1", "2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/fabric/", "/fabric/json/", "/fabric/run/?id=", "/fabric/run/json/?id="})
  void followsAccessControlOfTheUI(String path) throws Exception {
    String number = path.endsWith("=") ? runs().get(0).get("run").asText() : "";
    assertThat(get(path + number, "alice").statusCode()).isEqualTo(200);
    assertThat(get(path + number, "mallory").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"json/", "json/?id=", "json/?id=1x", "?id=<script>", "json/?id=1&since=-1"})
  void refusesWrongNumbers(String query) throws Exception {
    HttpResponse<String> response =
        get("/fabric/run/" + query.replace("<", "%3C").replace(">", "%3E"), "alice");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("Choose a run from the list of runs.");
  }

  @Test
  void refusesRunsThatAreNotKept() throws Exception {
    HttpResponse<String> response = get("/fabric/run/json/?id=123456789", "alice");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .contains("There is no run 123456789. The list of runs shows those that are kept.");
  }

  @Test
  void addressesGoThroughAProxy() throws Exception {
    System.setProperty("spark.ui.proxyBase", PROXY);
    try {
      assertThat(get("/fabric/", "alice").body())
          .contains("data-home=\"" + PROXY + "/fabric/\"")
          .doesNotContain("https://")
          .doesNotContain("src=\"http");
    } finally {
      System.clearProperty("spark.ui.proxyBase");
    }
  }
}
