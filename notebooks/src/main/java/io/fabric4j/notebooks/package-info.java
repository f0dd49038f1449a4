/** A Jupyter kernel for Scala and Java whose cells can be interrupted. */
package io.fabric4j.notebooks;
