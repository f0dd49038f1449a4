package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.FabricException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Fits a stage with several settings side by side; the launches wait for each other's slots. */
public final class ParallelFits {
  /** Launches that wait or run at once at most: each is a thread with a job. */
  private static final int MOST = 16;

  private ParallelFits() {}

  /**
   * Returns a model for each setting, in order. If a fit fails, the others are ended.
   *
   * @throws FabricException if this thread is interrupted, which ends all fits
   */
  public static <M extends Model<M>> Seq<M> run(
      Estimator<M> stage, Dataset<?> dataset, Seq<ParamMap> settings) {
    List<CompletableFuture<M>> models = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    Semaphore places = new Semaphore(MOST);
    for (ParamMap setting : CollectionConverters.asJava(settings)) {
      CompletableFuture<M> model = new CompletableFuture<>();
      models.add(model);
      // A thread of its own inherits this one's Spark properties, such as tags to cancel by.
      Thread thread =
          new Thread(() -> fit(stage.copy(setting), dataset, places, model), "fabric-fit");
      thread.setDaemon(true);
      threads.add(thread);
    }
    try {
      threads.forEach(Thread::start);
      List<M> results = new ArrayList<>();
      for (CompletableFuture<M> model : models) {
        results.add(model.get());
      }
      return CollectionConverters.asScala(results).toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException("The fits were interrupted, and are cancelled.", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new FabricException("A fit failed: " + e.getCause(), e.getCause());
    } finally {
      threads.forEach(Thread::interrupt);
    }
  }

  private static <M extends Model<M>> void fit(
      Estimator<M> stage, Dataset<?> dataset, Semaphore places, CompletableFuture<M> model) {
    try {
      places.acquire();
      try {
        model.complete(stage.fit(dataset));
      } finally {
        places.release();
      }
    } catch (Throwable e) {
      model.completeExceptionally(e);
    }
  }
}
