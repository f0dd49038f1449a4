"""Interrupts cells of a kernel: interrupt.py scala|java. Prints ok, or fails with what went wrong."""

import queue
import sys
import time

from jupyter_client.manager import start_new_kernel

# A launch, jobs of Spark's own, and ranks in the kernel's process: each prints "running" and would go on for minutes.
LAUNCH = 'SparkFabric.launch(spark, 2, fabric => { fabric.print("running"); Thread.sleep(300000); 1 })'
JOB = 'println("running"); spark.sparkContext.parallelize(1 to 2, 2).map { i => Thread.sleep(300000); i }.count()'
THREADS = """val local = Fabric.builder().devices(2).accelerator("cpu").build()
local.launch { fabric => fabric.print("running"); Thread.sleep(300000); 1 }"""
CELLS = {
    "scala": {
        "setup": "import io.fabric4j.Fabric\nimport io.fabric4j.spark.SparkFabric\nspark.range(2).count()",
        "long": [LAUNCH, JOB, THREADS],
        "jobs": "spark.sparkContext.statusTracker.getActiveJobIds().length",
        "launch": "SparkFabric.launch(spark, 2, fabric => fabric.worldSize() * 21)",
        "value": ": Int = %d",
    },
    "java": {
        "setup": "import io.fabric4j.*; import io.fabric4j.spark.*; spark.range(2).count()",
        "long": [
            'SparkFabric.launch(spark, 2, fabric -> { fabric.print("running"); Thread.sleep(300000); return 1; })',
            'System.out.println("running");'
            "sc.parallelize(List.of(1, 2), 2).map(i -> { Thread.sleep(300000); return i; }).count()",
            'Fabric local = Fabric.builder().devices(2).accelerator("cpu").build();'
            'local.launch(fabric -> { fabric.print("running"); Thread.sleep(300000); return 1; })',
        ],
        "jobs": "spark.sparkContext().statusTracker().getActiveJobIds().length",
        "launch": "SparkFabric.launch(spark, 2, fabric -> fabric.worldSize() * 21)",
        "value": "%d",
    },
}
END_SECONDS = 30
LIMIT_SECONDS = 120


def execute(kernel, client, code, interrupt=False):
    """Runs a cell, returns (outputs by type, seconds from the interrupt to the end)."""
    request = client.execute(code)
    outputs = {"error": "", "stream": "", "result": ""}
    interrupted = 0
    deadline = time.time() + LIMIT_SECONDS
    while time.time() < deadline:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            continue
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            outputs["stream"] += content["text"]
            if interrupt and not interrupted and "running" in outputs["stream"]:
                interrupted = time.time()
                kernel.interrupt_kernel()
        elif kind == "error":
            outputs["error"] += "\n".join(content["traceback"])
        elif kind == "execute_result":
            outputs["result"] += content["data"]["text/plain"]
        elif kind == "status" and content["execution_state"] == "idle":
            return outputs, time.time() - interrupted
    raise AssertionError(f"{code} did not end within {LIMIT_SECONDS} s: {outputs}")


def result(kernel, client, code):
    outputs, _ = execute(kernel, client, code)
    assert not outputs["error"], outputs
    return outputs["result"]


def main(language):
    cells = CELLS[language]
    kernel, client = start_new_kernel(kernel_name="fabric-" + language, startup_timeout=180)
    try:
        result(kernel, client, cells["setup"])
        for code in cells["long"]:
            outputs, seconds = execute(kernel, client, code, interrupt=True)
            assert "Interrupted" in outputs["error"], outputs
            assert seconds < END_SECONDS, seconds
            deadline = time.time() + END_SECONDS
            while not result(kernel, client, cells["jobs"]).endswith(cells["value"] % 0):
                assert time.time() < deadline, "a job goes on"
                time.sleep(0.2)
            # All slots are free again, and the next cell trains.
            launched = result(kernel, client, cells["launch"])
            assert launched.endswith(cells["value"] % 42), launched
        print("ok")
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)


main(sys.argv[1])
