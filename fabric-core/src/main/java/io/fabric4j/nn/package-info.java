/** Blocks whose ranks work together within forward and backward. */
package io.fabric4j.nn;
