package io.fabric4j.notebooks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jshell.execution.LoaderDelegate;
import jdk.jshell.spi.ExecutionControl.ClassBytecodes;

/** Loads the classes of JShell, and leaves them in a folder for Spark's executors. */
final class CellLoader extends ClassLoader implements LoaderDelegate {
  private final ClassFolder folder = ClassFolder.create();
  private final Map<String, byte[]> classes = new ConcurrentHashMap<>();

  CellLoader(ClassLoader parent) {
    super(parent);
  }

  @Override
  public void load(ClassBytecodes[] bytecodes) {
    for (ClassBytecodes bytecode : bytecodes) {
      classes.put(bytecode.name(), bytecode.bytecodes());
      folder.write(bytecode.name(), bytecode.bytecodes());
    }
  }

  /** JShell gives what it defines anew another name. */
  @Override
  public void classesRedefined(ClassBytecodes[] bytecodes) {
    load(bytecodes);
  }

  @Override
  public void addToClasspath(String path) {
    throw new UnsupportedOperationException(
        "The class path of a running kernel does not change. Add '" + path + "' to -cp.");
  }

  /** JShell asks for a class that may be loaded already. */
  @Override
  public Class<?> findClass(String name) throws ClassNotFoundException {
    Class<?> loaded = findLoadedClass(name);
    if (loaded != null) {
      return loaded;
    }
    byte[] bytes = classes.get(name);
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
