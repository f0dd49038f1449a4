package io.fabric4j.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MarkdownLinksTest {

  @Test
  void linksLeadToFilesAndHeadings() throws IOException {
    Map<Path, List<String>> anchors = new HashMap<>();
    for (MarkdownPage page : MarkdownPage.all()) {
      anchors.put(page.file(), page.anchors());
    }
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (MarkdownPage page : MarkdownPage.all()) {
      for (String link : page.links()) {
        if (!link.matches("[a-z]+:.*")) {
          links++;
          if (!leadsSomewhere(page.file(), link, anchors)) {
            broken.add(MarkdownPage.ROOT.relativize(page.file()) + ": " + link);
          }
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).as("links that were found").isGreaterThan(30);
  }

  private static boolean leadsSomewhere(Path page, String link, Map<Path, List<String>> anchors) {
    String[] parts = link.split("#", 2);
    Path target = parts[0].isEmpty() ? page : page.getParent().resolve(parts[0]).normalize();
    return Files.exists(target)
        && (parts.length == 1 || anchors.getOrDefault(target, List.of()).contains(parts[1]));
  }
}
