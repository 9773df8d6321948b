"""A model server as a data team writes one with Flask: JSON, streams, files, forms. It knows nothing of a gateway.

Prints its port once it listens.
"""

import gzip
import io
import json
import os

from flask import Flask, Response, jsonify, redirect, request, send_file, stream_with_context, url_for
from werkzeug.serving import make_server

SECRET = os.environ["WEIR_SECRET"]

app = Flask(__name__)


@app.post("/predict")
def predict():
    features = request.get_json()
    return jsonify({"score": round(sum(features["values"]) / len(features["values"]), 3), "note": features.get("note"), "unicode": "ünï 😀"})


@app.get("/customers/<name>")
def customer(name):
    return jsonify({"name": name, "card": SECRET, "fields": request.args.to_dict(flat=False)})


@app.get("/stream/text")
def stream_text():
    @stream_with_context
    def tokens():
        yield "The card is "
        for at in range(0, len(SECRET), 3):
            yield SECRET[at : at + 3]
        yield ", thank you. é"

    return Response(tokens(), mimetype="text/plain")


@app.get("/stream/lines")
def stream_lines():
    rows = [{"row": row, "card": SECRET if row == 1 else None} for row in range(3)]
    return Response((json.dumps(row) + "\n" for row in rows), mimetype="application/x-ndjson")


@app.get("/stream/events")
def stream_events():
    def events():
        for token in ["The card is ", *SECRET, ", thank you."]:
            yield f"data: {json.dumps({'token': token})}\n\n"
        yield "event: done\ndata: [DONE]\n\n"

    return Response(events(), mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})


@app.get("/files/report.csv")
def report():
    table = io.BytesIO(f"name,card\nann,{SECRET}\n".encode())
    return send_file(table, mimetype="text/csv", as_attachment=True, download_name="report.csv", etag="v1", conditional=True)


@app.get("/files/plain.csv")
def plain():
    table = io.BytesIO(b"name,score\n" + b"ann,0.5\n" * 50_000)
    return send_file(table, mimetype="text/csv", as_attachment=True, download_name="plain.csv", etag="v1", conditional=True)


@app.get("/files/chart.png")
def chart():
    return send_file(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400), mimetype="image/png", etag="v1", conditional=True)


@app.post("/upload")
def upload():
    files = {name: {"filename": file.filename, "type": file.mimetype, "text": file.read().decode()} for name, file in request.files.items()}
    return jsonify({"fields": request.form.to_dict(flat=False), "files": files})


@app.route("/echo", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def echo():
    return Response(request.get_data(), mimetype=request.mimetype or "text/plain", headers={"X-Method": request.method})


@app.get("/zipped")
def zipped():
    body = gzip.compress(json.dumps({"card": SECRET, "list": list(range(1000))}).encode())
    return Response(body, mimetype="application/json", headers={"Content-Encoding": "gzip"})


@app.get("/old")
def old():
    return redirect(url_for("customer", name="ann"))


@app.get("/folder/")
def folder():
    return "folder"


@app.delete("/customers/<name>")
def forget(name):
    return "", 204


@app.errorhandler(404)
def missing(_error):
    return jsonify({"error": "no such page"}), 404


@app.get("/fails")
def fails():
    raise RuntimeError(f"cannot charge {SECRET}")


@app.errorhandler(500)
def failed(error):
    return jsonify({"error": str(getattr(error, "original_exception", error))}), 500


server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
