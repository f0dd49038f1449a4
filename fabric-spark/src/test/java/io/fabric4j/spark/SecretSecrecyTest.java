package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that a launch draws at random may be read in what Spark keeps and shows. */
@Timeout(60)
class SecretSecrecyTest {
  private static final int SECRET_BYTES = 32;
  private static final List<byte[]> DRAWN = new CopyOnWriteArrayList<>();

  @TempDir private Path folder;

  /** Draws like a weak generator, and keeps what could be a secret. */
  public static final class RecordingRandom extends SecureRandomSpi {
    private static final long serialVersionUID = 1L;

    private final Random random = new Random();

    @Override
    protected void engineSetSeed(byte[] seed) {}

    @Override
    protected void engineNextBytes(byte[] bytes) {
      random.nextBytes(bytes);
      if (bytes.length == SECRET_BYTES) {
        DRAWN.add(bytes.clone());
      }
    }

    @Override
    protected byte[] engineGenerateSeed(int length) {
      return new byte[length];
    }
  }

  private static final class RecordingProvider extends Provider {
    private static final long serialVersionUID = 1L;

    RecordingProvider() {
      super("RecordingProvider", "1", "for a test");
      put("SecureRandom.Recording", RecordingRandom.class.getName());
    }
  }

  @Test
  void eventLogAndSettingsShowNoSecret() throws IOException {
    Provider provider = new RecordingProvider();
    Security.insertProviderAt(provider, 1);
    try {
      List<String> shown = shownByALaunch();
      assertThat(String.join("", shown))
          .contains("SparkListenerTaskEnd")
          .contains("Fabric, 2 ranks");
      assertThat(DRAWN).isNotEmpty();
      for (byte[] secret : DRAWN) {
        for (String form : forms(secret)) {
          assertThat(shown).noneMatch(text -> text.contains(form));
        }
      }
    } finally {
      Security.removeProvider(provider.getName());
    }
  }

  private List<String> shownByALaunch() throws IOException {
    List<String> shown = new ArrayList<>();
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.eventLog.enabled", "true")
            .config("spark.eventLog.compress", "false")
            .config("spark.eventLog.dir", folder.toUri().toString())
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      SparkFabric.launch(spark, 2, fabric -> fabric.processGroup().allGatherObject(1).size());
      shown.add(spark.sparkContext().getConf().toDebugString());
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        shown.add(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return shown;
  }

  private static List<String> forms(byte[] secret) {
    return List.of(
        HexFormat.of().formatHex(secret),
        HexFormat.of().withUpperCase().formatHex(secret),
        Base64.getEncoder().encodeToString(secret).substring(0, 40),
        Arrays.toString(secret),
        new String(secret, StandardCharsets.ISO_8859_1));
  }
}
