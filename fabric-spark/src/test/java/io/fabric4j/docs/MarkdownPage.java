package io.fabric4j.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of the project's documentation. */
final class MarkdownPage {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^)\\s]+)\\)|(?:href|src)=\"([^\"]+)\"");

  private final Path file;
  private final List<String> prose = new ArrayList<>();
  private final List<Snippet> snippets = new ArrayList<>();

  /** Java code of a page, and where it begins. */
  record Snippet(Path file, int line, String code) {}

  private MarkdownPage(Path file) throws IOException {
    this.file = file;
    String language = null;
    StringBuilder code = new StringBuilder();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("```")) {
        if ("java".equals(language)) {
          snippets.add(
              new Snippet(
                  file, i - (int) code.chars().filter(c -> c == '\n').count(), code.toString()));
        }
        language = language == null ? line.substring(3).strip() : null;
        code.setLength(0);
      } else if (language == null) {
        prose.add(line);
      } else {
        code.append(line).append('\n');
      }
    }
  }

  /** Returns all pages that belong to the project. */
  static List<MarkdownPage> all() throws IOException {
    List<MarkdownPage> pages = new ArrayList<>();
    for (String folder : List.of("", "docs", "notebooks", "bench/cpu", "bench/gpu")) {
      try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".md")).sorted().toList()) {
          pages.add(new MarkdownPage(file));
        }
      }
    }
    return pages;
  }

  Path file() {
    return file;
  }

  List<Snippet> snippets() {
    return snippets;
  }

  List<String> links() {
    List<String> links = new ArrayList<>();
    for (String line : prose) {
      Matcher link = LINK.matcher(line.replaceAll("`[^`]*`", ""));
      while (link.find()) {
        links.add(link.group(1) == null ? link.group(2) : link.group(1));
      }
    }
    return links;
  }

  /** Returns the anchors that GitHub makes of the headings. */
  List<String> anchors() {
    List<String> anchors = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : prose) {
      if (line.matches("#{1,6} .*")) {
        String text = line.replaceFirst("#+ ", "").replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
        String anchor =
            text.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                .replace(' ', '-');
        int count = seen.merge(anchor, 1, Integer::sum);
        anchors.add(count == 1 ? anchor : anchor + "-" + (count - 1));
      }
    }
    return anchors;
  }
}
