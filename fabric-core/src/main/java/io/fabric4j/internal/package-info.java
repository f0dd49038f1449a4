/** Not part of the API; anything below may change. */
package io.fabric4j.internal;
