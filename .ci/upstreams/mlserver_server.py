"""Starts MLServer with the models of mlserver_model.py. Usage: mlserver_server.py GRPC_PORT HTTP_PORT METRICS_PORT"""

import asyncio
import sys

from mlserver import MLServer, ModelSettings, Settings
from mlserver_model import Echo, Tell

grpc_port, http_port, metrics_port = (int(port) for port in sys.argv[1:4])


async def main():
    settings = Settings(host="127.0.0.1", grpc_port=grpc_port, http_port=http_port, metrics_port=metrics_port, parallel_workers=0, load_models_at_startup=False, gzip_enabled=False)
    server = MLServer(settings)
    models = [ModelSettings(name="echo", implementation=Echo), ModelSettings(name="tell", implementation=Tell)]
    await server.start(models)


asyncio.run(main())
