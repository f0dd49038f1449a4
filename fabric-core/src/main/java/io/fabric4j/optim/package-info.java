/** Update rules and their hyper-parameters. */
package io.fabric4j.optim;
