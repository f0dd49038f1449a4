/** Which GPUs a process sees, and which of them a rank uses. */
package io.fabric4j.internal.cuda;
