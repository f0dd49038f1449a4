/** The folder of a run: who may write to it, what is in it, and what is kept. Used by rank 0. */
package io.fabric4j.internal.run;
