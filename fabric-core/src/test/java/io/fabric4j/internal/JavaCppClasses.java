package io.fabric4j.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * JavaCPP's classes that a package uses. One that is initialised while JavaCPP's loader is on
 * brings native libraries of its own into the process.
 */
public final class JavaCppClasses {
  private static final Pattern JAVACPP = Pattern.compile("org/bytedeco/(\\w+/)+\\w+(\\$\\w+)*");

  private JavaCppClasses() {}

  /** Returns the classes that load libraries and that a class of the anchor's package reaches. */
  public static Set<String> loadingLibraries(Class<?> anchor) throws Exception {
    Set<String> reached = new TreeSet<>();
    for (Path file : classFiles(anchor)) {
      for (String name : javacppNames(strings(Files.readAllBytes(file)))) {
        if (loadsLibraries(name)) {
          reached.add(name);
        }
      }
    }
    return reached;
  }

  private static List<Path> classFiles(Class<?> anchor) throws Exception {
    Path folder =
        Path.of(anchor.getResource(anchor.getSimpleName() + ".class").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> result = files.filter(file -> file.toString().endsWith(".class")).toList();
      assertThat(result).hasSizeGreaterThan(10);
      return result;
    }
  }

  private static Set<String> javacppNames(List<String> strings) {
    Set<String> names = new TreeSet<>();
    for (String string : strings) {
      Matcher matcher = JAVACPP.matcher(string);
      while (matcher.find()) {
        names.add(matcher.group().replace('/', '.'));
      }
    }
    return names;
  }

  /** Returns whether a class has a static initializer that calls JavaCPP's loader. */
  private static boolean loadsLibraries(String name) throws IOException {
    if (name.equals(Loader.class.getName())) {
      return false;
    }
    try (InputStream in =
        Loader.class.getClassLoader().getResourceAsStream(name.replace('.', '/') + ".class")) {
      assertThat(in).as(name).isNotNull();
      List<String> strings = strings(in.readAllBytes());
      return strings.contains("<clinit>") && strings.contains("org/bytedeco/javacpp/Loader");
    }
  }

  /** Returns the strings of a class file's constant pool: names, descriptors and literals. */
  private static List<String> strings(byte[] classFile) throws IOException {
    List<String> strings = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile))) {
      in.skipNBytes(8);
      int count = in.readUnsignedShort();
      for (int i = 1; i < count; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> strings.add(in.readUTF());
          case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++;
          }
          case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
          case 15 -> in.skipNBytes(3);
          default -> throw new IOException("Unknown constant " + tag);
        }
      }
    }
    return strings;
  }
}
