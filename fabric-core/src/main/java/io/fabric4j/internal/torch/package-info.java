/** The torch bridge: the only package that uses JavaCPP's PyTorch bindings and DJL's JNI layer. */
package io.fabric4j.internal.torch;
