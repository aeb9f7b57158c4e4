"""FastAPI with ONNX Runtime, as a careful user writes it by hand: uvicorn with uvloop and httptools, orjson, no validation models.

    uvicorn fastapi_peer:app --http httptools --loop uvloop --no-access-log --workers <cores>

The run stays in the event loop's thread: a pool of threads on one core only adds switches. That a `Response` is returned directly
is what https://fastapi.tiangolo.com/advanced/custom-response/ recommends for speed.
"""

import orjson
from fastapi import FastAPI, Request, Response
from onnx_session import open_sessions

app = FastAPI()
sessions = open_sessions()


@app.post("/{model}")
async def infer(model: str, request: Request):
    session = sessions[model]
    body = await request.body()
    if request.headers["content-type"] == "application/octet-stream":
        outputs = session.run(session.from_bytes(body))
        return Response(b"".join(array.tobytes() for array in outputs.values()), media_type="application/octet-stream")
    outputs = session.run(session.from_lists(orjson.loads(body)))
    return Response(orjson.dumps(outputs, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
