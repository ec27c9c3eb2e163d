"""A stock SMP client drives an emulated device: echo, parameters, file upload, list of files' sizes."""
import asyncio
import json
import os
import signal
import subprocess

import pytest

smpclient = pytest.importorskip("smpclient")


async def drive(serial, content):
    from smpclient import SMPClient
    from smpclient.requests.os_management import EchoWrite
    from smpclient.transport.serial import SMPSerialTransport
    async with SMPClient(SMPSerialTransport(), serial) as client:
        answer = await client.request(EchoWrite(d="hello"))
        assert answer.r == "hello"
        last = 0
        async for offset in client.upload_file(content, "/runes/sine.rune"):
            assert offset >= last
            last = offset
        assert last == len(content)


def test_a_stock_client_echoes_and_uploads(root, rune, hmr, tmp_path):
    if not (root / "build/devices/mps2-an386.elf").exists():
        pytest.skip("build/devices/mps2-an386.elf is not built: make build")
    path = tmp_path / "sine.rune"
    subprocess.run([rune, "build", root / "examples/sine/Runefile", "-o", path], check=True, capture_output=True)
    environment = dict(os.environ, XDG_RUNTIME_DIR=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))
    with subprocess.Popen([str(hmr), "emulate", "mps2-an386", "--name", "a", "--json"], stdout=subprocess.PIPE,
                          text=True, env=environment) as device:
        try:
            serial = json.loads(device.stdout.readline())["serial"]
            # The stock client asks once only: the device must have started.
            assert subprocess.run([str(hmr), "ps", "--timeout", "60"], env=environment, capture_output=True).returncode == 0
            asyncio.run(asyncio.wait_for(drive(serial, path.read_bytes()), 60))
            runes = subprocess.run([str(hmr), "ps", "--json"], capture_output=True, text=True, env=environment)
            assert [(each["name"], each["state"]) for each in json.loads(runes.stdout)["runes"]] == [("sine", "staged")]
        finally:
            device.send_signal(signal.SIGTERM)
