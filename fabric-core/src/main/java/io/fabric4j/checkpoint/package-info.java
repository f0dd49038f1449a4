/** Storage of checkpoint files: where their bytes go, and how a file becomes visible at once. */
package io.fabric4j.checkpoint;
