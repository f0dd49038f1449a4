package io.fabric4j.spark

import ai.djl.ndarray.NDManager
import ai.djl.ndarray.types.{DataType, Shape}
import ai.djl.nn.{Activation, SequentialBlock}
import ai.djl.nn.core.Linear
import ai.djl.training.dataset.{ArrayDataset, RandomAccessDataset}
import ai.djl.training.loss.Loss
import io.fabric4j.{Fabric, FabricDataLoader}
import io.fabric4j.optim.AdamW
import org.apache.spark.sql.{DataFrame, SparkSession}
import org.scalatest.funsuite.AnyFunSuite
import scala.jdk.CollectionConverters._
import scala.util.Using

/** The quick-start loop, written in Scala. */
class FabricQuickStartSuite extends AnyFunSuite {
  import FabricQuickStartSuite._

  test("a loop trains on two ranks of this JVM") {
    Using.resource(Fabric.builder().devices(2).threads(1).build()) { fabric =>
      val losses = fabric.launch { rank => train(rank, dataset(rank.manager())) }
      assert(losses.last < losses.head / 4)
    }
  }

  test("the same loop trains on Spark, with the rows of a DataFrame") {
    withSpark { spark =>
      val losses = SparkFabric
        .builder(spark)
        .numWorkers(2)
        .input("train", rows(spark))
        .build()
        .launch { (fabric, shards) =>
          val shard = shards.get("train")
          train(fabric, shard.dataset(Seq("features").asJava, Seq("label").asJava))
        }
      assert(losses.last < losses.head / 4)
    }
  }

  test("a launch on Spark needs no data and returns what rank 0 returned") {
    withSpark { spark =>
      val ranks = SparkFabric.launch(
        spark,
        2,
        fabric => fabric.processGroup().allGatherObject(Int.box(fabric.globalRank()))
      )
      assert(ranks.asScala.map(_.intValue) == Seq(0, 1))
    }
  }
}

/** What goes to the ranks; an object, so that closures do not capture the suite. */
private object FabricQuickStartSuite {
  private val Rows = 256
  private val Epochs = 30

  /** Trains a classifier and returns the mean loss of each epoch over all rows. */
  def train(fabric: Fabric, dataset: RandomAccessDataset): Seq[Double] = {
    fabric.seedEverything(42)
    val setup =
      fabric.setup(network(), new Shape(1, 2), AdamW.builder().learningRate(0.03).build())
    val loader =
      fabric.setupDataloaders(FabricDataLoader.of(dataset).batchSize(16).shuffle(true))
    val crossEntropy = Loss.softmaxCrossEntropyLoss()
    (1 to Epochs).map { _ =>
      val losses = loader.asScala.map { batch =>
        setup.optimizer().zeroGrad()
        val loss = crossEntropy.evaluate(batch.getLabels, setup.block().forward(batch.getData))
        fabric.backward(loss)
        setup.optimizer().step()
        loss.getFloat().toDouble
      }.toSeq
      fabric.allReduce(losses.sum / losses.size)
    }
  }

  private def network() =
    new SequentialBlock()
      .add(Linear.builder().setUnits(16).build())
      .add(Activation.reluBlock())
      .add(Linear.builder().setUnits(2).build())

  private def features(row: Int) = Array(math.sin(row), math.cos(3.0 * row))

  private def label(row: Int) = if (features(row).sum > 0) 1L else 0L

  def rows(spark: SparkSession): DataFrame =
    spark
      .createDataFrame((0 until Rows).map(row => (features(row), label(row))))
      .toDF("features", "label")

  def dataset(manager: NDManager): ArrayDataset =
    new ArrayDataset.Builder()
      .setData(
        manager
          .create((0 until Rows).flatMap(features).map(_.toFloat).toArray, new Shape(Rows, 2))
      )
      .optLabels(manager.create((0 until Rows).map(label).toArray).toType(DataType.INT64, false))
      .setSampling(1, false)
      .build()

  def withSpark(code: SparkSession => Unit): Unit =
    Using.resource(
      SparkSession
        .builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )(code)
}
