package io.fabric4j.spark.ml

import java.nio.file.Files
import org.apache.spark.ml.{Pipeline, PipelineModel}
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
import org.apache.spark.ml.feature.{StringIndexer, VectorAssembler}
import org.apache.spark.ml.linalg.{Vector, Vectors}
import org.apache.spark.ml.tuning.{CrossValidator, ParamGridBuilder}
import org.apache.spark.sql.{DataFrame, SparkSession}
import org.scalatest.BeforeAndAfterAll
import org.scalatest.funsuite.AnyFunSuite

/** Stages as Scala's users of Spark ML write them. */
class FabricEstimatorSuite extends AnyFunSuite with BeforeAndAfterAll {
  private var spark: SparkSession = _

  override def beforeAll(): Unit =
    spark = SparkSession
      .builder()
      .master("local[2]")
      .config("spark.ui.enabled", "false")
      .config("spark.sql.shuffle.partitions", "2")
      .getOrCreate()

  override def afterAll(): Unit = spark.stop()

  /** Two clouds of points that a line tells apart. */
  private def points: DataFrame =
    spark
      .createDataFrame((0 until 200).map { i =>
        val side = if (i % 2 == 0) 1.0 else -1.0
        (side + math.sin(i) / 2, side + math.cos(i) / 2, if (side > 0) "right" else "left")
      })
      .toDF("x", "y", "side")

  private def classifier: FabricClassifier =
    new FabricClassifier()
      .setNetwork(Network.mlp(8))
      .setNumWorkers(2)
      .setMaxIter(5)
      .setBatchSize(16)
      .setStepSize(0.02)
      .setSeed(7)
      .setLabelCol("label")

  private def accuracy =
    new MulticlassClassificationEvaluator().setLabelCol("label").setMetricName("accuracy")

  test("a classifier is a stage of a pipeline, and comes back from disk") {
    val pipeline = new Pipeline().setStages(
      Array(
        new StringIndexer().setInputCol("side").setOutputCol("label"),
        new VectorAssembler().setInputCols(Array("x", "y")).setOutputCol("features"),
        classifier
      )
    )
    val fitted = pipeline.fit(points)
    val predicted = fitted.transform(points)
    assert(accuracy.evaluate(predicted) > 0.95)
    val model = fitted.stages.last.asInstanceOf[FabricClassificationModel]
    assert(model.summary.totalIterations == 5)
    assert(model.summary.objectiveHistory.last < model.summary.objectiveHistory.head)
    assert(model.summary.history(spark).columns.contains("train_loss"))

    val path = Files.createTempDirectory("fabric").resolve("model").toString
    fitted.write.overwrite().save(path)
    val again = PipelineModel.load(path).transform(points)
    assert(again.schema == predicted.schema)
    assert(again.collect().toSeq == predicted.collect().toSeq)
  }

  test("a cross validator chooses among networks") {
    val stage = classifier
    val data = new VectorAssembler()
      .setInputCols(Array("x", "y"))
      .setOutputCol("features")
      .transform(
        new StringIndexer().setInputCol("side").setOutputCol("label").fit(points).transform(points)
      )
    val grid = new ParamGridBuilder()
      .addGrid(stage.network, Seq(Network.linear(), Network.mlp(4)))
      .build()
    val tuned = new CrossValidator()
      .setEstimator(stage)
      .setEvaluator(accuracy)
      .setEstimatorParamMaps(grid)
      .setNumFolds(2)
      .fit(data)
    assert(tuned.avgMetrics.length == 2 && tuned.avgMetrics.max > 0.9)
    val best = tuned.bestModel.asInstanceOf[FabricClassificationModel]
    assert(best.predict(Vectors.dense(1, 1)) != best.predict(Vectors.dense(-1, -1)))
  }

  test("a model is used in functions of one's own") {
    val model = SmallModels.classifier()
    val expected = model.predict(Vectors.dense(1, 2, 3, 4))
    val other = org.apache.spark.sql.functions.udf((features: Vector) => model.predict(features))
    val row = spark.createDataFrame(Seq(Tuple1(Vectors.dense(1, 2, 3, 4)))).toDF("features")
    assert(row.select(other(row("features"))).head().getDouble(0) == expected)
  }
}
