package io.fabric4j.spark.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's display functions, which are static, are made up and known to one loader only. */
class RapaioFrontendTest {
  private static final String FUNCTIONS =
      """
      package org.rapaio.jupyter.kernel.global;
      public class Global {
        public static final java.util.List<String> CALLS = new java.util.ArrayList<>();
        public static String display(String mime, Object object) {
          CALLS.add("display " + mime + " " + object);
          return "id-7";
        }
        public static void updateDisplay(String id, String mime, Object object) {
          CALLS.add("update " + id + " " + mime + " " + object);
        }
      }
      """;

  private record Words(String html) implements Figure {
    @Override
    public String text() {
      return "text";
    }
  }

  @TempDir Path folder;

  @Test
  void theSecondFigureTakesThePlaceOfTheFirst() throws Exception {
    Path source = Files.writeString(folder.resolve("Global.java"), FUNCTIONS);
    ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "-d", folder.toString(), source.toString());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader kernel = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
      thread.setContextClassLoader(kernel);

      CellOutput output = CellOutput.here();
      output.show(new Words("<b>1</b>"));
      output.show(new Words("<b>2</b>"));

      assertThat(output.isReplaceable()).isTrue();
      assertThat(
              (List<?>)
                  kernel
                      .loadClass("org.rapaio.jupyter.kernel.global.Global")
                      .getField("CALLS")
                      .get(null))
          .hasToString("[display text/html <b>1</b>, update id-7 text/html <b>2</b>]");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void elsewhereThereIsNoSuchKernel() {
    assertThat(new RapaioFrontend().open()).isEmpty();
    assertThat(new ZeppelinFrontend().open()).isEmpty();
    assertThat(CellOutput.here().isReplaceable()).isFalse();
  }
}
